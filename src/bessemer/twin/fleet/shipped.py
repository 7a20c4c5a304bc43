"""The small fleet that ships with the package, for the demo: drives recorded beforehand.

``python -m bessemer.twin.fleet.shipped DIR`` records it again, in a minute or two of one core; it
is a plan like any other. One front camera, five seconds a drive, one picture a second. First the
exam, from all of a year, then a week of summer, of autumn and of winter, each darker than the
last.
"""

import sys
from importlib.resources import files
from pathlib import Path

from bessemer.twin.conditions import Season
from bessemer.twin.drive_log.log import LogConfig
from bessemer.twin.fleet.plan import FleetPlan
from bessemer.twin.rigs import load_rig

FOLDER = "drives"
LOG = LogConfig(crf=30, preset="slow", between_pictures=False)


def shipped_plan() -> FleetPlan:
    """Return the plan of the fleet that ships."""
    return FleetPlan(
        vehicles=6,
        hours=80 * 5 / 3600,
        weeks=3,
        drive_s=5.0,
        seed=5,
        exam_frac=0.3,
        first_season=Season.SUMMER,
        rig=load_rig("front", width_px=128, height_px=72, rate_hz=1.0),
    )


def shipped_fleet() -> Path:
    """Return the folder of the drives that ship."""
    return Path(str(files("bessemer.twin.fleet"))) / FOLDER


def main(out: Path) -> None:
    """Record the fleet.

    Args:
        out: Where; drives that are there stay.
    """
    from bessemer.twin.fleet.record import record_fleet

    done = record_fleet(
        shipped_plan(),
        out,
        log=LOG,
        on_drive=lambda drive: print(drive.name, drive.size_bytes, *drive.events, file=sys.stderr),
    )
    print(sum(drive.size_bytes for drive in done.drives))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else shipped_fleet())
