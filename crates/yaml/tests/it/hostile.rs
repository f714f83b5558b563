//! What broken and malicious files give: a clear diagnostic, never a panic.

use copilot_yaml::{Diagnostics, Source, parse};

use crate::read;

#[test]
fn every_duplicate_key_is_reported() {
    let (node, problems) = read("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n");
    assert!(node.is_some());
    assert_eq!(
        problems,
        [
            "m.yml:5:3: the key `c` stands twice [copilot::yaml::duplicate_key]",
            "m.yml:2:1: the key `a` stands twice [copilot::yaml::duplicate_key]",
        ]
    );
}

#[test]
fn broken_texts_are_refused_with_their_place() {
    for (text, code) in [
        ("a:\n\t- b\n", "copilot::yaml::syntax"),
        ("a: 'b\n", "copilot::yaml::syntax"),
        ("a: @x\n", "copilot::yaml::syntax"),
        ("a: *missing\n", "copilot::yaml::alias"),
        ("a: &a [*a]\n", "copilot::yaml::alias"),
        ("? [a]\n: b\n", "copilot::yaml::complex_key"),
        ("a: {<<: 1}\n", "copilot::yaml::merge_key"),
    ] {
        let (_, problems) = read(text);
        assert_eq!(problems.len(), 1, "{text:?} {problems:?}");
        assert!(problems[0].ends_with(&format!("[{code}]")), "{text:?} {problems:?}");
    }
}

#[test]
fn the_help_fits_the_mistake() {
    for (text, help) in [
        ("a:\n\t- b\n", "tabs"),
        ("a: b\n\tc: d\n", "tabs"),
        ("a: @x\n", "quote"),
        ("a: *missing\n", "anchor"),
        (&"[".repeat(1000), "brackets"),
    ] {
        let mut diagnostics = Diagnostics::default();
        parse(&Source::new("m.yml", text), &mut diagnostics);
        let given = diagnostics.iter().next().and_then(|found| found.help.as_deref()).unwrap_or_default();
        assert!(given.contains(help), "{text:.20?}: {given}");
    }
}

#[test]
fn an_alias_bomb_stops_early() {
    let first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned();
    let more = (1..12)
        .map(|level| format!("a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 10].join(", ")));
    let text = std::iter::once(first).chain(more).collect::<Vec<_>>().join("\n");
    let (node, problems) = read(&text);
    assert!(node.is_none());
    assert!(problems[0].ends_with("[copilot::yaml::alias_bomb]"), "{problems:?}");
}

#[test]
fn deep_and_large_texts_are_refused() {
    let (_, problems) = read(&"[".repeat(100_000));
    assert!(problems[0].ends_with("[copilot::yaml::too_deep]"), "{problems:?}");
    let (_, problems) = read(&"a".repeat(2 << 20));
    assert!(problems[0].ends_with("[copilot::yaml::too_large]"), "{problems:?}");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for bytes in [&b"a: \xff\xfe"[..], b"a: \0b", b"PK\x03\x04\0\0"] {
        let error = Source::from_bytes("m.yml", bytes.to_vec()).unwrap_err();
        assert_eq!(error.code.id, "copilot::yaml::not_text");
    }
}
