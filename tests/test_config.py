"""simbox.toml says what changes the answer; what it can't mean is named, all of it at once."""

import pytest

from simbox.config import Config, load_config, show_config
from simbox.errors import ConfigError


def load(tmp_path, text):
    path = tmp_path / "simbox.toml"
    path.write_text(text)
    return load_config(path)


def problems_of(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert caught.value.exit_code == 6
    assert "simbox.toml" in str(caught.value)
    return list(caught.value.problems)


def test_without_a_file_everything_has_its_default(tmp_path):
    assert load_config(None) == load_config(tmp_path / "absent.toml") == load(tmp_path, "") == Config()


def test_settings_are_read(tmp_path):
    config = load(
        tmp_path,
        """
        [operators.alpha]
        mcc_mncs = ["401-77", "401-007"]
        timezone = "Asia/Almaty"
        msisdn_prefixes = ["7701"]
        [numbers]
        landline_prefixes = ["7727"]
        [windows]
        nights = [1, 14]
        """,
    )
    assert config.operators["alpha"].timezone == "Asia/Almaty"
    assert config.operators["alpha"].mcc_mncs == ["401-77", "401-007"]
    assert config.numbers.landline_prefixes == ["7727"]
    assert config.windows.nights == [1, 14]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[number]\nx = 1", "unknown key number; did you mean numbers?"),
        ("[rigs]\nlargest_rigs = 3", "unknown key rigs.largest_rigs; did you mean largest_rig?"),
        ("[operators.alpha]\ntimezon = 'UTC'", "unknown key operators.alpha.timezon; did you mean timezone?"),
        ("[operators]\nalpha = 1", "operators.alpha must be a table"),
        ("operators = 1", "operators"),
        ("scoring = 1", "scoring"),
        ("[operators.alpha]\ntimezone = 'Asia/Nowhere'", "there is no zone 'Asia/Nowhere'"),
        ("[operators.alpha]\ntimezone = '../etc/passwd'", "there is no zone"),
        ("[operators.alpha]\ntimezone = ''", "there is no zone"),
        ("[operators.alpha]\nmcc_mncs = ['40177']", "operators.alpha.mcc_mncs"),
        ("[operators.alpha]\nmsisdn_prefixes = ['+7701']", "operators.alpha.msisdn_prefixes"),
        ("[numbers]\nshort_code_digits = 9", "numbers.short_code_digits"),
        ("[country]\nbounds = [40, 46, 56]", "country.bounds"),
        ("[country]\nbounds = [56, 46, 40, 88]", "country.bounds"),
        ("[country]\nbounds = [40, 46, 91, 88]", "country.bounds"),
        ("[windows]\nnights = []", "windows.nights"),
        ("[windows]\nnights = [3, 1]", "windows.nights"),
        ("[windows]\nnights = [1, 1]", "windows.nights"),
        ("[windows]\nnights = [31]", "windows.nights"),
        ("[scoring]\nprevalence = 0", "scoring.prevalence"),
        ("[listing]\nseize_probability = '0.9'", "listing.seize_probability"),
    ],
)
def test_what_can_not_be_meant_is_named(tmp_path, text, problem):
    (found,) = problems_of(tmp_path, text)
    assert problem in found


def test_all_problems_are_named_at_once(tmp_path):
    found = problems_of(tmp_path, "[rigs]\nlarge = 3\ncandidates_per_sim = 0\n[scoring]\nprevalence = 2\n[colour]\n")
    assert len(found) == 4


def test_all_wrong_zones_are_named_at_once(tmp_path):
    assert len(problems_of(tmp_path, "[operators.a]\ntimezone='X/Y'\n[operators.b]\ntimezone='Z'\n")) == 2


@pytest.mark.parametrize("content", [b"[rigs", b"a = \xff", b"a = 1\na = 2"])
def test_what_is_not_toml_is_named(tmp_path, content):
    path = tmp_path / "simbox.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"simbox\.toml is not TOML"):
        load_config(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[operators.alpha]\ntimezone = 'Asia/Almaty'\nmcc_mncs = ['401-77']\n[windows]\nnights=[2]",
        "[operators.\"two words\"]\nmsisdn_prefixes = ['7701']\n",
        "[country]\nbounds = [40.5, 46, 56, 88]\n",
        "[operators.'ünï']\n[listing]\ninnocent_share = 0.0\n[scoring]\nprevalence = 1e-5\n",
    ],
)
def test_what_is_shown_can_be_loaded_again(tmp_path, text):
    config = load(tmp_path, text)
    assert load(tmp_path, show_config(config)) == config
