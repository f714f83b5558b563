use std::collections::{BTreeMap, BTreeSet};

use copilot_functions::Function;
use regex::Regex;

use crate::tools::js;

/// What `path` requires, in the order of the text.
fn required(content: &str) -> Vec<String> {
    let require = Regex::new(r"require\(([^)]*)\)").unwrap();
    require.captures_iter(content).map(|found| found[1].to_owned()).collect()
}

/// All sources: path below `js/` to text.
fn sources() -> BTreeMap<String, String> {
    ["", "lib/"]
        .into_iter()
        .flat_map(|folder| {
            let entries = std::fs::read_dir(js().join(folder)).unwrap();
            entries.map(move |entry| (folder, entry.unwrap()))
        })
        .filter(|(_, entry)| entry.path().extension().is_some_and(|extension| extension == "js"))
        .map(|(folder, entry)| {
            let name = entry.file_name().into_string().unwrap();
            (format!("{folder}{name}"), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn every_source_belongs_to_a_function() {
    let mut packed = BTreeSet::new();
    for function in Function::ALL {
        packed.extend(function.files().into_iter().map(|file| match file.path {
            "index.js" => format!("{function}.js"),
            path => path.to_owned(),
        }));
    }
    assert_eq!(packed, sources().into_keys().collect());
}

/// Only what the Lambda runtime brings may be required from outside the zip.
#[test]
fn sources_require_only_what_the_runtime_brings() {
    let allowed = Regex::new(
        r"(?x)^' (
            node:[a-z_]+(/promises)? |
            @aws-sdk/(client-[a-z0-9-]+|credential-providers) |
            \./(lib/)?[a-z0-9-]+\.js
        ) '$",
    )
    .unwrap();
    for (path, content) in sources() {
        for name in required(&content) {
            assert!(allowed.is_match(&name), "{path} requires {name}");
        }
    }
}

#[test]
fn sources_keep_to_the_rules() {
    // Without a file that says otherwise, Lambda takes `index.js` for CommonJS. Lambda's newer runtimes know no
    // callbacks. Waits go through the clock, so that they end with the invocation; calls go through `Run.send`.
    let forbidden = [
        (r"(?m)^\s*(import|export)\s", "modules of the other kind"),
        (r"\bimport\(", "imports at run time"),
        (r"\beval\b|new Function\b", "code made at run time"),
        (r"\bset(Timeout|Interval)\(", "timers of its own"),
        (r"\bcallback\b|callbackWaitsForEmptyEventLoop", "callbacks"),
        (r"Date\.now|new Date|Math\.random", "time or chance of its own"),
        (r"console\.(log|error)\([^;]*(ResponseURL|event\)|request\))", "secrets in the log"),
        (r"TODO|FIXME|XXX", "unfinished work"),
        (r"[^\x00-\x7f]", "characters beyond ASCII"),
    ];
    let comment = Regex::new(r"(?s)/\*.*?\*/|(?m)^\s*//.*$").unwrap();
    for (path, content) in sources() {
        assert!(content.starts_with("'use strict';\n"), "{path} is not strict");
        let content = comment.replace_all(&content, "");
        for (pattern, what) in forbidden {
            if path != "lib/clock.js" {
                let found = Regex::new(pattern).unwrap().find(&content);
                assert!(found.is_none(), "{path} has {what}: {found:?}");
            }
        }
        let sends = content.matches("client.send(").count();
        assert_eq!(sends, usize::from(path == "lib/run.js"), "{path} calls AWS past `Run.send`");
    }
}

/// The list of files of each function is neither too short nor too long.
#[test]
fn a_zip_has_exactly_what_its_entry_point_requires() {
    for function in Function::ALL {
        let files: BTreeMap<_, _> =
            function.files().into_iter().map(|file| (file.path, file.content)).collect();
        let mut reached = BTreeSet::new();
        let mut open = vec!["index.js".to_owned()];
        while let Some(path) = open.pop() {
            let content = files.get(path.as_str()).unwrap_or_else(|| panic!("{function} lacks {path}"));
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            open.extend(required(content).iter().filter_map(|name| {
                let relative = name.trim_matches('\'').strip_prefix("./")?;
                Some(if folder.is_empty() { relative.to_owned() } else { format!("{folder}/{relative}") })
            }));
            reached.insert(path);
        }
        assert_eq!(reached, files.keys().map(ToString::to_string).collect(), "{function}");
    }
}
