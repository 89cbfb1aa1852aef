"""A finished file takes the place of the old one whole, on disk, readable by others; a package tells no machine and no clock."""

import errno
import hashlib
import io
import os
import stat
import zipfile
from datetime import UTC, datetime

import pytest

from suizhou_geo.saving import settle_package, sha256_of, write_atomically, write_text_atomically

POSIX = pytest.mark.skipif(os.name == "nt", reason="modes and folders of POSIX")


def test_a_text_is_written_as_it_is_and_its_folder_made(tmp_path):
    path = write_text_atomically(tmp_path / "甲" / "乙.txt", "一\n二\r\n")
    assert path.read_bytes() == "一\n二\r\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["乙.txt"]
    assert sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@POSIX
def test_others_may_read_it_and_file_and_folder_are_put_on_disk_in_this_order(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
    )
    path = write_text_atomically(tmp_path / "a.txt", "a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert synced == [False, True]


def fail(error, *, beside=""):
    def write(temporary):
        temporary.write_text("half", encoding="utf-8")
        if beside:
            temporary.with_name(f"{temporary.name}{beside}").write_text("journal", encoding="utf-8")
        raise error if not callable(error) else error(temporary)

    return write


@pytest.mark.parametrize(
    "error", [ValueError("bad"), KeyboardInterrupt(), OSError(errno.ENOSPC, "full")], ids=repr
)
def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = write_text_atomically(tmp_path / "a.gpkg", "old")
    with pytest.raises(type(error)):
        write_atomically(path, fail(error, beside="-journal"))
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_of_the_disk_names_the_file_that_was_to_be_written(tmp_path):
    path = tmp_path / "a.txt"
    for error in (OSError(errno.ENOSPC, "full"), lambda own: OSError(errno.ENOSPC, "full", str(own))):
        with pytest.raises(OSError, match="full") as caught:
            write_atomically(path, fail(error))
        assert caught.value.filename == str(path)
    # One that is about another file keeps its name; one without a number is none of the disk's.
    with pytest.raises(OSError, match="other") as caught:
        write_atomically(path, fail(OSError(errno.ENOENT, "gone", "other")))
    assert caught.value.filename == "other"
    with pytest.raises(OSError, match="odd") as caught:
        write_atomically(path, fail(OSError("odd")))
    assert caught.value.filename is None


def test_what_a_library_in_c_says_becomes_an_error_of_the_disk(tmp_path):
    spoken = type("DataSourceError", (Exception,), {"__module__": "pyogrio.errors"})
    with pytest.raises(OSError, match=r"cannot write a\.gpkg") as caught:
        write_atomically(tmp_path / "a.gpkg", fail(lambda own: spoken(f"cannot write {own}")))
    assert (caught.value.errno, caught.value.filename) == (errno.EIO, str(tmp_path / "a.gpkg"))


def test_a_package_keeps_order_and_content_and_loses_clock_and_machine():
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as made:
        for name in ("b.xml", "a.xml"):
            made.writestr(zipfile.ZipInfo(name, (2030, 1, 2, 3, 4, 6)), name * 200)
    settled = settle_package(package.getvalue(), date=datetime(2021, 6, 1, tzinfo=UTC))
    with zipfile.ZipFile(io.BytesIO(settled)) as read:
        assert read.namelist() == ["b.xml", "a.xml"]
        for member in read.infolist():
            assert read.read(member) == member.filename.encode() * 200
            assert member.date_time == (2021, 6, 1, 0, 0, 0)
            assert (member.create_system, member.external_attr) == (3, 0o644 << 16)
            assert member.compress_type == zipfile.ZIP_DEFLATED
