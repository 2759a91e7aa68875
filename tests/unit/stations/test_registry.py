from stations import registry


def test_only_the_right_password_opens() -> None:
    kept = registry.hash_password(b"right-password-0001")

    assert registry.check_password(kept, b"right-password-0001")
    assert not registry.check_password(kept, b"right-password-0002")
    assert not registry.check_password(kept, b"")


def test_a_station_without_password_lets_nobody_in() -> None:
    assert not registry.check_password("", b"")
    assert not registry.check_password("", b"anything")


def test_a_password_is_compared_as_bytes_for_some_firmware_sends_no_text() -> None:
    key = bytes(range(200, 220))

    assert registry.check_password(registry.hash_password(key), key)


def test_the_same_password_is_kept_differently_for_each_station() -> None:
    assert registry.hash_password(b"x" * 20) != registry.hash_password(b"x" * 20)


def test_new_passwords_fit_ocpp_and_differ() -> None:
    made = {registry.new_password() for _ in range(50)}

    assert len(made) == 50
    assert {len(password) for password in made} == {20}


def test_public_codes_have_no_letters_that_look_alike() -> None:
    codes = {registry.new_public_code() for _ in range(200)}

    assert len(codes) == 200
    assert not set("".join(codes)) & set("0O1ILUV")
