import pytest

from coopdistill.datasets.delimited import read_delimited
from coopdistill.exceptions import DatasetError


def _write(folder, content):
    path = folder / "some.data"
    path.write_bytes(content)
    return path


def test_reads_text_and_skips_empty_lines(tmp_path):
    table = read_delimited(_write(tmp_path, b"1, a\r\n\n2,b"), ("n", "s"), separator=",", n_rows=2)
    assert table.to_dict("list") == {"n": ["1", "2"], "s": ["a", "b"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 rows instead of 2"),
        (b"1,a\n", "1 rows instead of 2"),
        (b"1,a\n2,b\n3,c\n", "3 rows instead of 2"),
        (b"1,a\n2\n", "line 2: 1 fields instead of 2"),
        (b"1,a\n2,b,c\n", "line 2: 3 fields instead of 2"),
        (b"\x1f\x8b\x08\xff", "cannot be read as text"),
    ],
)
def test_a_damaged_file_names_its_place(tmp_path, content, message):
    with pytest.raises(DatasetError, match=rf"some\.data.*{message}"):
        read_delimited(_write(tmp_path, content), ("n", "s"), separator=",", n_rows=2)
