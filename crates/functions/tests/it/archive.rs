use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use copilot_functions::Function;
use zip::{CompressionMethod, DateTime, ZipArchive};

use crate::tools::{assert_success, run};

/// Unpacks the archive named by the first argument into the folder named by the second, and prints what the
/// central directory says of every entry.
const UNPACK: &str = r"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for entry in archive.infolist():
        print(entry.filename, entry.date_time, oct(entry.external_attr >> 16), entry.compress_type, entry.create_system)
    archive.extractall(sys.argv[2])
";

#[test]
fn the_same_function_is_the_same_bytes() {
    for function in Function::ALL {
        assert_eq!(function.zip(), function.zip(), "{function}");
        assert_eq!(function.content_hash(), function.content_hash(), "{function}");
    }
}

#[test]
fn no_two_functions_have_the_same_hash() {
    let hashes: BTreeSet<_> = Function::ALL.into_iter().map(Function::content_hash).collect();
    assert_eq!(hashes.len(), Function::ALL.len());
    assert!(hashes.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
}

/// A change here means that every deployed stack with this function updates it.
#[test]
fn hashes() {
    let listed = Function::ALL.into_iter().fold(String::new(), |mut text, function| {
        writeln!(text, "{} {function}", function.content_hash()).unwrap();
        text
    });
    insta::assert_snapshot!(listed);
}

#[test]
fn entries_carry_nothing_of_the_machine() {
    for function in Function::ALL {
        let mut archive = ZipArchive::new(std::io::Cursor::new(function.zip())).unwrap();
        let mut names = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            assert_eq!(entry.unix_mode().map(|mode| mode & 0o7777), Some(0o644));
            assert_eq!(entry.last_modified(), Some(DateTime::DEFAULT));
            assert_eq!(entry.compression(), CompressionMethod::Deflated);
            assert_eq!(entry.extra_data().unwrap_or_default(), b"");
            assert_eq!(entry.comment(), "");
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            assert_eq!(content, function.files()[index].content);
            names.push(entry.name().unwrap().into_owned());
        }
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(names.len(), function.files().len());
    }
}

#[test]
fn another_program_unpacks_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    for function in Function::ALL {
        let packed = folder.path().join(format!("{function}.zip"));
        let unpacked = folder.path().join(function.name());
        std::fs::write(&packed, function.zip()).unwrap();
        let Some(output) = run(Command::new("python3").args(["-c", UNPACK]).arg(&packed).arg(&unpacked))
        else {
            return;
        };
        assert_success(function.name(), &output);
        let listed = String::from_utf8(output.stdout).unwrap();
        let expected = function
            .files()
            .into_iter()
            .map(|file| format!("{} (1980, 1, 1, 0, 0, 0) 0o100644 8 3", file.path));
        assert!(listed.lines().eq(expected), "{function}:\n{listed}");
        for file in function.files() {
            assert_eq!(read(&unpacked, file.path), file.content, "{function}: {}", file.path);
        }
    }
}

/// The zip stands alone: with the SDK stubbed, its entry point loads from an empty folder and has the handler.
#[test]
fn the_unpacked_function_has_its_handler() {
    const LOAD: &str = r"
        const Module = require('node:module');
        const load = Module._load;
        Module._load = (name, ...rest) => (name.startsWith('@aws-sdk/') ? {} : load(name, ...rest));
        const [, folder, handler] = process.argv;
        console.log(typeof require(`${folder}/index.js`)[handler]);
    ";
    for function in Function::ALL {
        let folder = tempfile::tempdir().unwrap();
        ZipArchive::new(std::io::Cursor::new(function.zip())).unwrap().extract(folder.path()).unwrap();
        let (module, handler) = function.handler().split_once('.').unwrap();
        assert_eq!(module, "index");
        let Some(output) = run(Command::new("node").args(["-e", LOAD]).arg(folder.path()).arg(handler))
        else {
            return;
        };
        assert_success(function.name(), &output);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "function\n", "{function}");
    }
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}
