//! Many processes of the program in one folder at the same time.

use std::collections::BTreeMap;

use crate::support::{command, done, storefront};

const PAIRS: [(&str, &str, &str); 4] =
    [("svc", "api", "test"), ("svc", "api", "prod"), ("svc", "worker", "test"), ("job", "cleanup", "prod")];

fn package<'a>((noun, name, env): (&'a str, &'a str, &'a str), out: &'a str) -> [&'a str; 10] {
    [noun, "package", "--name", name, "--env", env, "--facts", "facts.yml", "--output-dir", out]
}

#[test]
fn each_output_is_its_own() {
    let folder = storefront();
    let mut expected = BTreeMap::new();
    for pair in PAIRS {
        let done = done(command(&folder.path, &package(pair, "alone"), &[]).spawn().unwrap());
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    for entry in folder.path.join("alone").read_dir_utf8().unwrap().map(Result::unwrap) {
        expected.insert(entry.file_name().to_owned(), fs_err::read(entry.path()).unwrap());
    }
    assert_eq!(expected.len(), 2 * PAIRS.len());
    for round in 0..5 {
        let out = format!("out{round}");
        let started: Vec<_> = (0..6)
            .flat_map(|_| PAIRS)
            .map(|pair| command(&folder.path, &package(pair, &out), &[]).spawn().unwrap())
            .collect();
        for child in started {
            let done = done(child);
            assert_eq!(done.code, 0, "{}", done.stderr);
        }
        let mut found = BTreeMap::new();
        for entry in folder.path.join(&out).read_dir_utf8().unwrap().map(Result::unwrap) {
            found.insert(entry.file_name().to_owned(), fs_err::read(entry.path()).unwrap());
        }
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected), "no more and no less");
        assert!(found == expected, "a template is that of another workload");
    }
}
