"""Foreign keys, like imports, point down the floors only."""

from django.apps import apps

FLOOR = {
    "core": 0,
    "auth": -1,
    "contenttypes": -2,
    "stations": 1,
    "billing": 2,
    "faults": 2,
    "revenue": 3,
}


def test_foreign_keys_point_down_and_never_to_a_neighbour() -> None:
    wrong = []
    for model in apps.get_models():
        mine = model._meta.app_label
        if mine not in FLOOR:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.many_to_one or field.one_to_one else None
            if target is None or field.auto_created:
                continue
            theirs = target._meta.app_label
            if theirs != mine and FLOOR[theirs] >= FLOOR[mine]:
                wrong.append(f"{mine}.{model.__name__}.{field.name} -> {theirs}")
    assert wrong == []
