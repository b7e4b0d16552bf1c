use super::*;

#[test]
fn the_list_that_is_compiled_in_can_be_read() {
    let config = ModelsConfig::parse(LIST).unwrap();
    assert_eq!(config, ModelsConfig::list());
    for &purpose in Purpose::ALL {
        assert!(config.chain(purpose).count() >= 3, "{purpose}");
    }
    for model in &config.models {
        let price = model.price;
        assert!(price.output > price.input, "{}", model.name);
        assert!(price.cached.unwrap() < price.input, "{}", model.name);
        assert!(model.as_of <= config.as_of && !model.source.is_empty());
    }
}

/// The list with one text replaced, and what is said of it.
fn said(from: &str, to: &str) -> String {
    assert!(LIST.contains(from), "`{from}` is no longer in the list");
    let failure = ModelsConfig::parse(&LIST.replacen(from, to, 1)).unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    failure.message
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let line_of = |text: &str| {
        let before = LIST.split_once(text).unwrap().0;
        before.matches('\n').count() + 1
    };
    let cases: [(&str, &str, &str); 14] = [
        (
            "timeout_s = 30",
            "timeout_s = 0",
            "timeout_s` is 0; use 1 to 600",
        ),
        ("timeout_s = 30", "timeout = 30", "unknown field `timeout`"),
        (
            "[purposes.routing]",
            "[purposes.guessing]",
            "unknown variant `guessing`",
        ),
        (
            "\"gpt-6-luna\"]",
            "\"gpt-5-nano\"]",
            "there is no model `gpt-5-nano`; add it",
        ),
        ("\"gpt-6-luna\"]", "\"gpt-oss-120b\"]", "stands here twice"),
        (
            "name = \"gpt-6-luna\"",
            "name = \"gpt-6.1-terra\"",
            "stands here twice",
        ),
        (
            "name = \"gpt-6-luna\"",
            "name = \"gpt 6\"",
            "is no name; use",
        ),
        (
            "provider = \"groq\"",
            "provider = \"mistral\"",
            "unknown variant `mistral`",
        ),
        (
            "base_url = \"https://api.groq.com\"",
            "base_url = \"api.groq.com\"",
            "is not an http",
        ),
        (
            "structured = \"json_object\"",
            "structured = \"tool\"",
            "does not take this one; use",
        ),
        ("input = 2.00", "input = -2.00", "out of range"),
        (
            "batch_share = 0.5",
            "batch_share = 5",
            "use a share from 0 to 1",
        ),
        (
            "reasoning_effort = \"low\"",
            "tools = []",
            "request.tools` of `gpt-oss-120b` cannot",
        ),
        (
            "output_tokens_max = 65_536",
            "output_tokens_max = 5",
            "at least 256",
        ),
    ];
    for (from, to, expected) in cases {
        let said = said(from, to);
        assert!(said.contains(expected), "{from} -> {to}: {said}");
        assert!(said.starts_with("models.toml, line "), "{said}");
    }
    let said = said("\"gpt-6-luna\"]", "\"gpt-5-nano\"]");
    let line = line_of("models = [\"gpt-oss-120b\"");
    assert!(
        said.starts_with(&format!("models.toml, line {line}:")),
        "{said}"
    );
}

#[test]
fn a_batch_needs_somebody_who_takes_it() {
    let all = "[\"gpt-oss-120b\", \"deepseek-flash\", \"claude-haiku-5-5\", \"gpt-6-luna\"]\ntimeout_s = 60";
    let without = LIST.replacen(all, "[\"gpt-oss-120b\"]\ntimeout_s = 60", 1);
    assert!(ModelsConfig::parse(&without).is_ok());
    let failure =
        ModelsConfig::parse(&without.replacen("batch = false", "batch = true", 1)).unwrap_err();
    assert!(failure.message.contains("batch interface"), "{failure}");
}

#[test]
fn addresses_can_be_others() {
    let config = ModelsConfig::list()
        .with_base_url("groq", "http://127.0.0.1:1")
        .with_base_url("nobody", "http://127.0.0.1:2");
    assert_eq!(config.base_urls[&Provider::Groq], "http://127.0.0.1:1");
    assert_eq!(config.base_urls.len(), 4);
}
