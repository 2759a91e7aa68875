import json
import os

import pytest

from chargenet.embedded import place

SOMEBODY = 61999


def test_a_folder_behind_a_closed_one_cannot_be_entered(tmp_path):
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)

    assert place.can_enter(inner, os.geteuid())
    assert not place.can_enter(inner, SOMEBODY)


def test_the_usual_place_is_below_var_and_leaves_no_note(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "LONGEST_SOCKET_BYTES", 4096)
    monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)

    found = place.find_place(tmp_path)

    assert found == place.Place(
        home=tmp_path / "engines", run=tmp_path / "engines" / "run", uid=None
    )
    assert not (tmp_path / "engines" / place.NOTE).exists()


@pytest.mark.skipif(os.getuid() == 0, reason="a user's own temporary folder is meant")
def test_a_copied_note_of_another_clone_is_not_believed(tmp_path):
    var = tmp_path / ("deep" * 30)
    first = place.find_place(var)
    other = tmp_path / ("other" * 25)
    (other / "engines").mkdir(parents=True)
    note = (var / "engines" / place.NOTE).read_text(encoding="utf-8")
    (other / "engines" / place.NOTE).write_text(note, encoding="utf-8")

    second = place.find_place(other)

    assert json.loads(note)["run"] == str(first.run)
    assert second.run != first.run
    for made in (first, second):
        made.run.rmdir()
