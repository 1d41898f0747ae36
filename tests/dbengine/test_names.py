"""Names of tenants become folders: apart on every file system, and found again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbengine import DbEngine, InvalidName, TenantNotFound
from dbengine.names import check_name, check_tenant, tenant_folder, tenant_of_folder

plain_text = st.text(min_size=1, max_size=30) | st.sampled_from(["Acme", "a.b", "%41", "a%"])


@given(plain_text)
def test_a_folder_names_its_tenant(name: str) -> None:
    try:
        tenant = check_tenant(name)
    except InvalidName:
        return
    folder = tenant_folder(tenant)
    assert re.fullmatch(r"[a-z0-9_%-]+", folder)
    assert tenant_of_folder(folder) == tenant


@given(plain_text, plain_text)
def test_two_tenants_have_two_folders_whatever_the_case(one: str, other: str) -> None:
    if one != other:
        assert tenant_folder(one).lower() != tenant_folder(other).lower()


@given(st.text(max_size=10) | st.from_regex(r"[a-z%0-9]{1,9}", fullmatch=True))
def test_a_folder_that_no_tenant_made_is_nobodys(folder: str) -> None:
    tenant = tenant_of_folder(folder)
    assert tenant is None or tenant_folder(tenant) == folder


@pytest.mark.parametrize("folder", ["refs", "%41%", "%zz", "%ff", "%61", "A", "", "a.b", "%C3%A9"])
def test_folders_of_other_making_are_not_tenants(folder: str) -> None:
    assert tenant_of_folder(folder) is None


@pytest.mark.parametrize(
    "name",
    ["Acme", "acme", "a/b", "/etc/passwd", "C:\\x", "...", "~", "Refs", "con.txt", "é", "%41"],
)
def test_any_other_name_is_a_tenant_inside_the_root(db: DbEngine, root: Path, name: str) -> None:
    before = set(root.iterdir())
    db.init(name)
    db.save(name, "ann", "n", name)
    [made] = set(root.iterdir()) - before
    assert made.name == tenant_folder(name)
    assert db.load(name, "n") == name
    assert name in db.tenants()


def test_a_stranger_in_the_root_is_not_a_tenant(db: DbEngine, root: Path) -> None:
    """A file there whose name could be a tenant's broke the list of tenants."""
    (root / "Notes").mkdir()
    (root / "empty").mkdir()
    (root / "readme").write_text("x")
    assert db.tenants() == ["t"]
    assert not db.exists("readme", "n")
    with pytest.raises(TenantNotFound):
        db.load("readme", "n")


@given(st.text(min_size=1))
def test_any_text_is_a_name_of_an_entry(name: str) -> None:
    assert check_name("entry", name) == name
