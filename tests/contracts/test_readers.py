from pathlib import Path

from bessemer.core.protocols import LogReader
from bessemer.ingest.camvid import CamvidReader
from bessemer.ingest.digits import DigitsReader
from bessemer.ingest.gtsrb import GtsrbReader
from bessemer.ingest.pictures import PicturesReader
from bessemer.ingest.video import VideoReader
from bessemer.testing.readers import ReaderConformance
from tests.ingest.films import write_film
from tests.ingest.trees import camvid_tree, encoded, gtsrb_tree, mask_png, pictures_tree


class TestGtsrb(ReaderConformance):
    def make_reader(self) -> LogReader:
        return GtsrbReader()

    def make_archive(self, folder: Path) -> Path:
        gtsrb_tree(folder)
        return folder

    def make_bad_archive(self, folder: Path) -> Path | None:
        images = gtsrb_tree(folder)
        (images / "00000/00000_00000.ppm").write_bytes(b"P6\n9 9\n255\nshort")
        (images / "00001/00000_00001.ppm").unlink()
        (images / "00001/stray.ppm").write_bytes(encoded("PPM"))
        return folder


class TestCamvid(ReaderConformance):
    def make_reader(self) -> LogReader:
        return CamvidReader()

    def make_archive(self, folder: Path) -> Path:
        return camvid_tree(folder)

    def make_bad_archive(self, folder: Path) -> Path | None:
        camvid_tree(folder)
        (folder / "train/0006R0_f00930.jpg").write_bytes(encoded("JPEG")[:-200])
        (folder / "trainannot/0001TP_006690.png").write_bytes(mask_png(highest=12))
        (folder / "trainannot/0001TP_006720.png").unlink()
        return folder


class TestDigits(ReaderConformance):
    max_recordings = 12

    def make_reader(self) -> LogReader:
        return DigitsReader()

    def make_archive(self, folder: Path) -> Path:
        return Path("digits")

    def make_bad_archive(self, folder: Path) -> Path | None:
        return None


class TestPictures(ReaderConformance):
    def make_reader(self) -> LogReader:
        return PicturesReader()

    def make_archive(self, folder: Path) -> Path:
        return pictures_tree(folder)

    def make_bad_archive(self, folder: Path) -> Path | None:
        pictures_tree(folder)
        (folder / "a/broken.png").write_bytes(encoded("PNG")[:-30])
        (folder / "notes.txt").write_text("?")
        with (folder / "labels.csv").open("a") as labels:
            labels.write("\n../up.jpg,cat\nabsent.jpg,cat\nc.png,cat\nc.png\nb/1.ppm,\n")
        return folder


class TestPictureSequences(TestPictures):
    def make_reader(self) -> LogReader:
        return PicturesReader(sequence=True)

    def make_archive(self, folder: Path) -> Path:
        pictures_tree(folder)
        (folder / "labels.csv").write_text("path,class\na,drive\nb,walk\n")
        return folder


class TestVideo(ReaderConformance):
    def make_reader(self) -> LogReader:
        return VideoReader()

    def make_archive(self, folder: Path) -> Path:
        write_film(folder / "a.mp4")
        write_film(folder / "b.avi", "mpeg4", frames=6)
        (folder / "a.csv").write_text("t_s,speed [m/s]\n0.0,3\n0.5,3.5\n")
        return folder

    def make_bad_archive(self, folder: Path) -> Path | None:
        self.make_archive(folder)
        (folder / "a.csv").write_text("t_s,speed\n0.0,3\n0.5,fast\n0.4,\n99,1\n")
        (folder / "c.mp4").write_bytes((folder / "a.mp4").read_bytes()[:300])
        (folder / "d.csv").write_text("t_s\n")
        (folder / "e.mkv").write_bytes(b"")
        return folder
