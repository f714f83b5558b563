//! What well-formed files give.

use copilot_yaml::{Diagnostic, Diagnostics, Resolved, Source, Style, parse};

use crate::read;

#[test]
fn spans_cover_keys_and_values() {
    let text = "http:\n  path: '/'   # root\n  alias: [a, \"b\"]\nend: |\n  x\n";
    let (node, problems) = read(text);
    assert_eq!(problems, [""; 0]);
    let root = node.unwrap();
    let http = root.get("http").unwrap();
    assert_eq!(&text[http.span.start..http.span.end], "path: '/'   # root\n  alias: [a, \"b\"]");
    let entry = &http.as_mapping().unwrap()[1];
    assert_eq!(&text[entry.key.span.start..entry.key.span.end], "alias");
    assert_eq!(&text[entry.value.span.start..entry.value.span.end], "[a, \"b\"]");
    assert_eq!(http.get("path").unwrap().as_scalar().unwrap().style(), Style::Quoted);
    assert_eq!(root.get("end").unwrap().as_str(), Some("x\n"));
}

#[test]
fn anchors_merge_keys_and_tags() {
    let text =
        "base: &b {cpu: 1, memory: 2}\napi:\n  cpu: 3\n  <<: *b\nref: !Sub '${A}'\nnum: !!str 12\n'<<': x\n";
    let (node, problems) = read(text);
    assert_eq!(problems, [""; 0]);
    let root = node.unwrap();
    let api = root.get("api").unwrap();
    assert_eq!(api.get("cpu").unwrap().resolve(), Resolved::Int(3));
    assert_eq!(api.get("memory").unwrap().resolve(), Resolved::Int(2));
    assert_eq!(root.get("ref").unwrap().tag.as_deref(), Some("!Sub"));
    assert_eq!(root.get("num").unwrap().resolve(), Resolved::Str("12"));
    assert_eq!(root.get("<<").unwrap().as_str(), Some("x"));
}

#[test]
fn an_earlier_mapping_of_a_merge_list_wins() {
    let (node, _) = read("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n");
    let c = node.unwrap().get("c").cloned().unwrap();
    assert_eq!(c.get("x").unwrap().resolve(), Resolved::Int(1));
    assert_eq!(c.get("y").unwrap().resolve(), Resolved::Int(2));
}

#[test]
fn nothing_is_null() {
    for text in ["", "# only a comment\n", "---\n", "\u{feff}"] {
        let source = Source::from_bytes("m.yml", text.as_bytes().to_vec()).unwrap();
        let mut diagnostics = copilot_yaml::Diagnostics::default();
        assert!(parse(&source, &mut diagnostics).unwrap().is_null(), "{text:?}");
        assert!(diagnostics.is_empty());
    }
}

#[test]
fn windows_line_ends_are_line_ends() {
    let (node, problems) = read("a: 1\r\nb:\r\n  - x\r\n");
    assert_eq!(problems, [""; 0]);
    assert_eq!(node.unwrap().get("b").unwrap().as_sequence().unwrap()[0].as_str(), Some("x"));
}

#[test]
fn problems_in_full_stand_on_lines_of_their_own() {
    let source = Source::new("m.yml", "a: 1\nb: 2\n");
    let problem = Diagnostic::error(copilot_yaml::ALL_CODES[0], "something is wrong")
        .at(&source, copilot_yaml::Span::new(5, 6), "")
        .related(&source, copilot_yaml::Span::new(0, 1), "because of this")
        .help("write something else");
    let warning = Diagnostic::warning(copilot_yaml::ALL_CODES[0], "this is odd");
    let problems: Diagnostics = [problem, warning].into_iter().collect();
    let code = copilot_yaml::ALL_CODES[0].id;
    let expected = format!(
        "error: m.yml:2:1: something is wrong [{code}]\n  m.yml:1:1: because of this\n  help: write something else\n\
         warning: this is odd [{code}]"
    );
    assert_eq!(problems.to_string(), expected);
    assert_eq!(problems.clone().into_result(Some(1)), Err(problems));
    let odd = Diagnostics::from(Diagnostic::warning(copilot_yaml::ALL_CODES[0], "this is odd"));
    assert_eq!(odd.clone().into_result(Some(1)), Ok(1));
    assert_eq!(odd.clone().into_result(None::<u8>), Err(odd));
}
