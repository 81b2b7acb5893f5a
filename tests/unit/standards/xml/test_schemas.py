import shutil
from pathlib import Path

import pytest

from passerelle.standards.problems import SchemaFolderError
from passerelle.standards.xml import SchemaFolder, SchemaSet, read_xml

pytestmark = pytest.mark.shared
RM = "edxl-rm/1.0/EDXL-RMRequestResource.xsd"


@pytest.fixture
def copied(shared: Path, tmp_path: Path) -> Path:
    shutil.copytree(shared / "standards", tmp_path / "standards")
    for path in (tmp_path / "standards").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path / "standards"


def check(folder: Path) -> object:
    return SchemaFolder(folder).check(read_xml(b"<a/>", name="a"), SchemaSet.RM, RM, name="a")


def test_the_shared_folder_holds_the_published_files(shared: Path) -> None:
    assert list(SchemaFolder(shared / "standards").complaints()) == []


def test_a_missing_and_a_changed_file_are_named(copied: Path) -> None:
    (copied / "cap-1.2/CAP-v1.2.xsd").unlink()
    changed = copied / "edxl-rm-1.0" / RM
    changed.write_bytes(changed.read_bytes() + b"\n")

    found = [line.split(":")[0] for line in SchemaFolder(copied).complaints()]

    assert found == [f"edxl-rm-1.0/{RM}", "cap-1.2/CAP-v1.2.xsd"]


def test_a_changed_schema_is_not_used(copied: Path) -> None:
    changed = copied / "edxl-rm-1.0/edxl-rm/1.0/EDXL-RMCommonTypes.xsd"
    changed.write_text(changed.read_text("utf-8").replace("Provisional", "Maybe"), "utf-8")

    with pytest.raises(
        SchemaFolderError, match=r"published schema edxl-rm/1\.0/EDXL-RMCommonTypes"
    ):
        check(copied)


def test_an_absent_schema_is_named(copied: Path) -> None:
    (copied / "edxl-rm-1.0" / RM).unlink()

    with pytest.raises(
        SchemaFolderError,
        match=r"Expected the schema edxl-rm/1\.0/EDXL-RMRequestResource\.xsd, found none",
    ):
        check(copied)


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(SchemaFolderError, match="folder of schemas"):
        SchemaFolder(tmp_path / "none")
