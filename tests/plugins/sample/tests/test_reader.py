from pathlib import Path

import numpy as np
from PIL import Image

from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import LogReader
from bessemer.testing.readers import ReaderConformance


class TestFilmstrips(ReaderConformance):
    def make_reader(self) -> LogReader:
        reader: LogReader = find_plugin("readers", "filmstrips")
        return reader

    def make_archive(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, n_frames in (("a", 3), ("b", 1)):
            strip = np.arange(8 * 8 * n_frames * 3, dtype=np.uint8).reshape(8, 8 * n_frames, 3)
            Image.fromarray(strip).save(folder / f"{name}.strip.png")
        return folder

    def make_bad_archive(self, folder: Path) -> Path | None:
        self.make_archive(folder)
        (folder / "c.strip.png").write_bytes((folder / "a.strip.png").read_bytes()[:-20])
        return folder
