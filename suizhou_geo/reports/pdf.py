"""PDF of a Word file, made by LibreOffice where it is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from suizhou_geo.errors import InputError, MissingFileError
from suizhou_geo.reports.document import SUBSTITUTES
from suizhou_geo.reports.office import check_ending
from suizhou_geo.saving import write_atomically

#: Seconds after which LibreOffice is taken to hang.
_PATIENCE = 180


def write_pdf(document: str | Path, path: str | Path) -> Path:
    """Write a Word file as PDF to ``path``, through LibreOffice Writer, whole or not at all.

    Fonts that are not installed are replaced by LibreOffice; the Word file itself is left as it is.

    Raises
    ------
    MissingFileError
        LibreOffice is not installed, or there is no such document.
    InputError
        The path does not end in ``.pdf``, or LibreOffice could not convert the document.
    """
    target = check_ending(path, ".pdf", product="PDF ")
    source = Path(document)
    if not source.is_file():
        raise MissingFileError(f"没有文件 {source}", todo="先写出 Word 文件")
    office = find_office()
    with tempfile.TemporaryDirectory(prefix="suizhou-geo-") as folder:
        # A profile of its own: LibreOffice refuses to start twice on the user's.
        made = _convert(office, source, Path(folder))
        return write_atomically(target, lambda temporary: shutil.copyfile(made, temporary))


def find_office() -> str:
    """The path of LibreOffice, or ``MissingFileError``."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise MissingFileError(
            "不能写出 PDF",
            why="本机没有 LibreOffice（命令 soffice）",
            todo="安装 LibreOffice Writer，或改为 -o 文件名.docx，在 Word 中另存为 PDF",
        )
    return office


def _convert(office: str, source: Path, folder: Path) -> Path:
    command = [
        office, "--headless", "--norestore", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to", "pdf:writer_pdf_Export", "--outdir", str(folder), str(source.resolve()),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False, env=_environment(folder)
        )
        told = (done.stderr or done.stdout).strip()
    except subprocess.TimeoutExpired:
        told = f"{_PATIENCE} 秒内没有完成"
    made = folder / f"{source.stem}.pdf"
    if not made.is_file():
        raise InputError(
            f"LibreOffice 没有把“{source.name}”转为 PDF",
            why=told[-300:],
            todo="检查 LibreOffice 是否装有 Writer，或在 Word 中另存为 PDF",
        )
    return made


def _environment(folder: Path) -> dict[str, str]:
    """The environment with what stands in for fonts that are not installed, told to the system's font finder.

    Left alone it takes the first font with the characters, which on many machines has their Japanese shapes.
    """
    base = os.environ.get("FONTCONFIG_FILE", "/etc/fonts/fonts.conf")
    if not Path(base).is_file():
        return dict(os.environ)
    aliases = "".join(
        f'<alias binding="same"><family>{name}</family><accept>'
        + "".join(f"<family>{other}</family>" for other in others)
        + "</accept></alias>"
        for name, others in SUBSTITUTES.items()
    )
    settings = folder / "fonts.conf"
    settings.write_text(
        f'<?xml version="1.0"?><fontconfig><include>{escape(base)}</include>{aliases}</fontconfig>',
        encoding="utf-8",
    )
    return {**os.environ, "FONTCONFIG_FILE": str(settings)}
