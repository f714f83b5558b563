//! Whatever stands in a workspace's files, a command ends: with 0, 1 or 2, in time, and without a panic.
//!
//! The files of the examples, and of real workspaces where the folder with them is there, are changed at random; the same seed
//! makes the same changes. `COPILOT_MUTATIONS` says how many, `COPILOT_MUTATION_SEED` from where.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use crate::{Folder, root, with};

const RUNS: u64 = 10_000;
/// A command takes milliseconds; what takes this long on a busy machine would take minutes elsewhere.
const LONGEST: Duration = Duration::from_secs(20);
/// Most bytes that a command may say about one small file.
const MOST_SAID: usize = 4 << 20;
/// Files of real workspaces that are taken, the first of each size.
const MOST_SEEDS: usize = 150;

/// Every so many runs, rendering takes the place of looking: it takes ten times as long.
const RENDERED: u64 = 12;

/// A file with a small workspace around it.
struct Seed {
    folder: Folder,
    path: String,
    bytes: Vec<u8>,
    look: Vec<String>,
    render: Vec<String>,
}

/// Numbers that look like chance (xorshift64*).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// Below `end`, which may be 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn one_of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

const PIECES: [&str; 52] = [
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "\0",
    "#",
    "&a ",
    "*a",
    "<<: *a\n",
    "${A}",
    "${COPILOT_APPLICATION_NAME}",
    "\\${A}",
    "!Sub ",
    "!Ref ",
    "!If [",
    "!!int ",
    "null",
    "~",
    "true",
    "yes",
    "0",
    "-1",
    "0400",
    "1e9",
    "99999999999999999999",
    ".inf",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "|\n",
    ">-\n",
    "? ",
    "---\n",
    "...\n",
    "é",
    "\u{feff}",
    "\u{202e}",
    "\r\n",
    "/",
    "..",
    "~1",
    "%",
    "@",
    "`",
    "[\"a\"]",
    "{}",
    "[]",
    "environments:\n  test:\n    cpu: 1\n",
];

/// A text with one to four changes.
fn changed(seed: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut text = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let (from, length) = (chance.below(text.len() + 1), chance.below(30));
        let to = (from + length).min(text.len());
        match chance.below(9) {
            0 if !text.is_empty() => {
                let at = chance.below(text.len());
                text[at] ^= 1 << chance.below(8);
            }
            0 | 1 => drop(text.drain(from..to)),
            2 | 3 => drop(text.splice(from..to, chance.one_of(&PIECES).bytes())),
            4 => drop(text.splice(from..from, chance.one_of(&PIECES).bytes())),
            5 => {
                let repeated = text[from..to].repeat(1 + chance.below(40));
                drop(text.splice(from..from, repeated));
            }
            6 => {
                let start = chance.below(other.len() + 1);
                let end = (start + chance.below(200)).min(other.len());
                drop(text.splice(from..to, other[start..end].iter().copied()));
            }
            7 => lines(&mut text, chance),
            _ => value(&mut text, chance),
        }
    }
    text
}

/// Moves a line, or changes how far it is indented.
fn lines(text: &mut Vec<u8>, chance: &mut Chance) {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (chance.below(lines.len()), chance.below(lines.len()));
    match chance.below(3) {
        0 => lines.swap(one, other),
        1 => drop(lines[one].splice(0..0, b" ".repeat(chance.below(5)))),
        _ => {
            let line = lines[one].clone();
            lines.insert(other, line);
        }
    }
    *text = lines.join(&b'\n');
}

/// Puts another value behind a key.
fn value(text: &mut Vec<u8>, chance: &mut Chance) {
    let keys: Vec<usize> =
        text.windows(2).enumerate().filter(|(_, two)| *two == b": ").map(|(at, _)| at + 2).collect();
    let Some(start) = keys.get(chance.below(keys.len())).copied() else { return };
    let end =
        text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| start + length);
    text.splice(start..end, chance.one_of(&PIECES).bytes());
}

/// The seeds of a workspace: each of its files in a workspace that has little else.
fn seeds(project: &Utf8Path, facts: Option<&str>, found: &mut Vec<Seed>) {
    let copilot = project.join("copilot");
    let mut files = BTreeMap::new();
    collect(&copilot, project, &mut files, 0);
    let application =
        files.get("copilot/.workspace").cloned().unwrap_or_else(|| b"application: shop\n".to_vec());
    for (path, bytes) in &files {
        let parts: Vec<&str> = path.split('/').collect();
        let (look, render, beside) = match parts[..] {
            [_, ".workspace"] => (&["validate"][..], vec!["ls", "--local"], None),
            [_, "environments", _, "manifest.yml"] => (&["validate"][..], vec!["validate", "--json"], None),
            [_, "pipelines", _, "manifest.yml"] | [_, "pipeline.yml"] => {
                (&["validate"][..], vec!["package", "--facts", "facts.yml"], None)
            }
            [_, name, "manifest.yml"] => (&["validate"][..], package(bytes, name), None),
            [_, name, "addons", _] => (&["validate"][..], package_of(&files, name), Some(name)),
            [_, name, "overrides", "cfn.patches.yml"] => {
                (&["validate"][..], package_of(&files, name), Some(name))
            }
            _ => continue,
        };
        let folder = Folder::new();
        folder.write("copilot/.workspace", &application);
        folder.write("facts.yml", facts.unwrap_or("application: {name: shop}\n"));
        if let Some(manifest) = beside.and_then(|name| files.get(&format!("copilot/{name}/manifest.yml"))) {
            folder.write(&format!("copilot/{}/manifest.yml", parts[1]), manifest);
        }
        // What a file of patches does shows only where it is applied.
        let look = if path.ends_with("cfn.patches.yml") { render.clone() } else { look.to_vec() };
        let own = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        let (look, render) = (own(look), own(render));
        found.push(Seed { folder, path: path.clone(), bytes: bytes.clone(), look, render });
    }
    let Some(facts) = facts else { return };
    let manifest =
        files.iter().find(|(path, _)| path.ends_with("/manifest.yml") && path.split('/').count() == 3);
    let (path, bytes) = manifest.expect("an example has a workload");
    let folder = Folder::new();
    folder.write("copilot/.workspace", application);
    folder.write(path, bytes);
    let name = path.split('/').nth(1).unwrap_or_default();
    let render: Vec<String> = package(bytes, name).into_iter().map(str::to_owned).collect();
    found.push(Seed {
        folder,
        path: "facts.yml".to_owned(),
        bytes: facts.into(),
        look: render.clone(),
        render,
    });
}

fn package<'a>(manifest: &[u8], name: &'a str) -> Vec<&'a str> {
    let is_job = String::from_utf8_lossy(manifest).contains("Scheduled Job");
    vec![
        if is_job { "job" } else { "svc" },
        "package",
        "--name",
        name,
        "--env",
        "test",
        "--facts",
        "facts.yml",
    ]
}

fn package_of<'a>(files: &BTreeMap<String, Vec<u8>>, name: &'a str) -> Vec<&'a str> {
    package(files.get(&format!("copilot/{name}/manifest.yml")).map_or(&b""[..], Vec::as_slice), name)
}

fn collect(folder: &Utf8Path, project: &Utf8Path, found: &mut BTreeMap<String, Vec<u8>>, depth: usize) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && depth < 4 {
            collect(path, project, found, depth + 1);
        } else if path.is_file() {
            let name = path.strip_prefix(project).unwrap().as_str().replace('\\', "/");
            let bytes = fs_err::read(path).unwrap();
            if bytes.len() < 20_000 {
                found.insert(name, bytes);
            }
        }
    }
}

fn all_seeds() -> Vec<Seed> {
    let mut found = Vec::new();
    for example in ["examples/everything", "examples/storefront"] {
        let project = root().join(example);
        let facts = fs_err::read_to_string(project.join("facts.yml")).unwrap();
        seeds(&project, Some(&facts), &mut found);
    }
    if let Some(corpus) = crate::reference::folder("corpus") {
        let corpus = Utf8PathBuf::from_path_buf(corpus).unwrap();
        let mut projects = Vec::new();
        crate::corpus::workspaces(&corpus, 2, &mut projects);
        projects.sort();
        for project in projects {
            if found.len() < MOST_SEEDS {
                seeds(&project, None, &mut found);
            }
        }
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "how many changes there are may be given from outside")]
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn nothing_in_a_file_makes_a_command_fail_badly() {
    let seeds = all_seeds();
    assert!(seeds.len() > 20, "only {} files", seeds.len());
    let (runs, first) = (number("COPILOT_MUTATIONS", RUNS), number("COPILOT_MUTATION_SEED", 1));
    let mut codes: BTreeMap<u8, u64> = BTreeMap::new();
    let mut slowest = Duration::ZERO;
    for run in first..first + runs {
        let mut chance = Chance(run.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let seed = &seeds[chance.below(seeds.len())];
        let other = &seeds[chance.below(seeds.len())].bytes;
        let text = changed(&seed.bytes, other, &mut chance);
        seed.folder.write(&seed.path, &text);
        let words = if run % RENDERED == 0 { &seed.render } else { &seed.look };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let variables = BTreeMap::from([("A".to_owned(), "x".to_owned())]);
        let start = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| with(&seed.folder.path, &words, variables, None)));
        let took = start.elapsed();
        let shown = || format!("run {run}: {words:?} over {}\n{}", seed.path, String::from_utf8_lossy(&text));
        let Ok(done) = done else { panic!("a panic in {}", shown()) };
        assert!(done.code <= 2, "exit code {} in {}", done.code, shown());
        assert!(took < LONGEST, "{took:?} for {}", shown());
        assert!(done.stderr.len() + done.stdout.len() < MOST_SAID, "too much is said in {}", shown());
        *codes.entry(done.code).or_default() += 1;
        slowest = slowest.max(took);
        seed.folder.write(&seed.path, &seed.bytes);
    }
    println!("{runs} runs over {} files, by exit code: {codes:?}, the slowest {slowest:?}", seeds.len());
    // Runs that only ever fail, or never, would not reach far.
    assert!(codes.len() > 1 || runs < 100, "{codes:?}");
}
