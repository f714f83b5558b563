//! What broken and malicious files give: a clear diagnostic, never a panic.

use std::fmt::Write as _;

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
        ("a: @x\n", "quotes"),
        ("a: b: c\n", "put the value of `a` in quotes"),
        ("name: a\n  type: b\n", "indent `type` by no space, like `name`"),
        ("- name: a\n   type: b\n", "indent `type` by 2 spaces, like `name`"),
        ("http:\n    path: /\n  alias: x\n", "indent the line by 4 or 0 spaces"),
        ("a:\n  - b: c\n   d: e\n", "indent the line by 4, 2 or 0 spaces"),
        ("a:\n  - b: c\n  d: e\n", "indent the line by 4 spaces to make it a part of the item above"),
        ("a:\n  - b\n  d: e\n", "begin the line with `- `"),
        ("a: b\nimage\n", "write `image:`"),
        ("a: b\nimage\n  c: d\n", "write `image:`"),
        ("key:value\nother: x\n", "`key: value`"),
        ("a: 'b\nc: d\n", "written twice"),
        ("a: 'it's'\n", "written twice"),
        ("a: [b\nc: d\n", "close it"),
        ("a: {b: c\nd: e\n", "close it"),
        ("a: b]\nc: ]\n", "delete it"),
        ("a: - b\n", "next line"),
        ("a: x # y\n  b: c\n", "comment"),
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
fn anchors_inside_of_anchors_count() {
    let items = "x, ".repeat(60_000);
    let text = format!("a: &a [&b [&c [{items}]]]\nb: *a\n");
    assert!(read(&text).1[0].ends_with("[copilot::yaml::alias_bomb]"));
    // What nothing repeats costs nothing.
    let (node, problems) = read(&format!("a: &a [&b [&c [{items}]]]\n"));
    assert!(node.is_some() && problems.is_empty(), "{problems:?}");
}

#[test]
fn long_keys_are_refused() {
    let (_, problems) = read(&format!("? {}\n: b\n", "a".repeat(8193)));
    assert!(problems[0].ends_with("[copilot::yaml::long_key]"), "{problems:?}");
    assert!(read(&format!("{}: b\n", "a".repeat(1000))).0.is_some());
    assert!(
        read(&format!("? {}\n: b\n", "a".repeat(1100))).0.is_some(),
        "what writers of YAML make of longer ones"
    );
}

#[test]
fn merge_keys_of_many_entries_are_quick() {
    let entries = |letter: &str| {
        (0..20_000).fold(String::new(), |mut text, n| {
            let _ = writeln!(text, "  {letter}{n}: 1");
            text
        })
    };
    let (many, more) = (entries("k"), entries("l"));
    let text = format!("a: &a\n{many}b:\n  <<: *a\n{more}");
    let (node, problems) = read(&text);
    assert_eq!(problems, [""; 0]);
    assert_eq!(node.unwrap().get("b").unwrap().as_mapping().unwrap().len(), 40_000);
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
