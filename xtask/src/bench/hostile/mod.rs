//! Small workspaces that once took minutes, or all memory: each is refused or accepted within a bound.

mod reads;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::{measure, startup::megabytes};
use crate::process;

/// What one command may take.
pub(super) const MOST_TIME: Duration = Duration::from_secs(2);
const MOST_MEMORY: u64 = 600_000_000;

pub(super) fn run(root: &Path) -> Result<()> {
    let binary = measure::release_binary(root)?;
    let folder = root.join("target").join("bench").join("hostile");
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    println!(
        "\n{:<26} {:>10} {:>12}  (at most {MOST_TIME:?} and {:.0} MB)",
        "input",
        "time",
        "memory",
        megabytes(MOST_MEMORY)
    );
    let mut above = Vec::new();
    for case in cases() {
        let workspace = case.write(&folder)?;
        let sample = measure::ended(&workspace, &binary, case.arguments)?;
        println!("{:<26} {:>10.1?} {:>9.1} MB", case.name, sample.wall, megabytes(sample.peak));
        if sample.wall > MOST_TIME || sample.peak > MOST_MEMORY {
            above.push(case.name);
        }
    }
    if !above.is_empty() {
        bail!("above the bound: {}", above.join(", "));
    }
    Ok(())
}

/// A workspace with one input.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, String)>,
    /// Links and what they lead to, and files of a size without content.
    special: Vec<Special>,
    /// The command that reads it.
    arguments: &'static [&'static str],
}

enum Special {
    Link(&'static str, &'static str),
    Sparse(&'static str, u64),
    /// A pipe that nobody writes to.
    Pipe(&'static str),
    /// Folders inside each other, with a file in the last one.
    Deep(&'static str, usize),
}

impl Special {
    const fn path(&self) -> &'static str {
        match self {
            Self::Link(path, _) | Self::Sparse(path, _) | Self::Pipe(path) | Self::Deep(path, _) => path,
        }
    }
}

impl Case {
    fn write(&self, folder: &Path) -> Result<PathBuf> {
        let root = folder.join(self.name.replace(' ', "-"));
        let path = |name: &str| -> Result<PathBuf> {
            let path = root.join(name);
            fs_err::create_dir_all(path.parent().unwrap_or(&root))?;
            Ok(path)
        };
        fs_err::write(path("copilot/.workspace")?, "application: shop\n")?;
        for (name, text) in &self.files {
            fs_err::write(path(name)?, text)?;
        }
        for special in &self.special {
            let at = path(special.path())?;
            match special {
                Special::Link(_, target) => link(target, &at)?,
                Special::Sparse(_, size) => fs_err::File::create(at)?.set_len(*size)?,
                Special::Pipe(_) => process::run(&root, "mkfifo", &[special.path()])?,
                Special::Deep(_, levels) => {
                    let deep = at.join(vec!["d"; *levels].join("/"));
                    fs_err::create_dir_all(&deep)?;
                    fs_err::write(deep.join("f"), "")?;
                }
            }
        }
        Ok(root)
    }
}

#[cfg(unix)]
fn link(target: &str, at: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(target, at)?)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> Result<()> {
    bail!("links are made on Unix only")
}

const VALIDATE: &[&str] = &["validate"];
const SERVICE: &str = "copilot/api/manifest.yml";
const PIPELINE: &str = "copilot/pipelines/main/manifest.yml";

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        text.push_str(&line(number));
        text
    })
}

fn service(name: &'static str, rest: &str) -> Case {
    let text = format!("name: api\ntype: Backend Service\nimage:\n  location: x\n{rest}");
    Case { name, files: vec![(SERVICE, text)], special: Vec::new(), arguments: VALIDATE }
}

fn pipeline(name: &'static str, rest: &str) -> Case {
    let text = format!(
        "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties: {{repository: o/r}}\nstages:\n{rest}"
    );
    Case { name, files: vec![(PIPELINE, text)], special: Vec::new(), arguments: VALIDATE }
}

fn special(name: &'static str, special: Vec<Special>) -> Case {
    Case { special, ..service(name, "") }
}

fn cases() -> Vec<Case> {
    let mut cases = texts();
    cases.extend(containers());
    cases.extend(pipelines());
    cases.extend(files());
    cases.extend(reads::cases());
    cases
}

fn texts() -> Vec<Case> {
    let application = "${COPILOT_APPLICATION_NAME}";
    let mut nested =
        service("variables in variables", &format!("variables:\n  A: {}\n", application.repeat(40)));
    nested.files.push(("copilot/.workspace", format!("application: '{}'\n", application.repeat(2))));
    let merged = format!(
        "x: &x\n{}variables:\n  <<: *x\n{}",
        lines(20_000, |n| format!("  a{n}: 1\n")),
        lines(20_000, |n| format!("  b{n}: 1\n"))
    );
    let mut anchors = String::from("x: ");
    for number in 0..120 {
        let _ = write!(anchors, "&a{number} [");
    }
    let _ = writeln!(anchors, "{}{}\ny: *a0", "x, ".repeat(200_000), "]".repeat(120));
    vec![
        nested,
        service("200,000 variables", &format!("variables:\n  A: \"{}\"\n", "${A}".repeat(200_000))),
        service(
            "undefined variables",
            &format!("variables:\n{}", lines(20_000, |n| format!("  A{n}: ${{U{n}}}\n"))),
        ),
        service("duplicate keys", &format!("variables:\n{}", lines(100_000, |_| "  A: 1\n".to_owned()))),
        service("duplicates in a line", &format!("variables: {{{}}}\n", "A: 1, ".repeat(100_000))),
        service("unknown keys", &lines(60_000, |n| format!("k{n}: 1\n"))),
        service(
            "unknown keys in a line",
            &format!("http: {{{}}}\n", lines(60_000, |n| format!("k{n}: 1, "))),
        ),
        service("merge keys", &merged),
        service("nested anchors", &anchors),
        service(
            "many environments",
            &format!("environments:\n{}", lines(30_000, |n| format!("  e{n}: {{cpu: 256}}\n"))),
        ),
        service(
            "a long name",
            &format!(
                "sidecars:\n  ? {}\n  : {{{}}}\n",
                "n".repeat(300_000),
                lines(40_000, |n| format!("k{n}: 1, "))
            ),
        ),
    ]
}

fn containers() -> Vec<Case> {
    let sidecars = |count: usize, line: &dyn Fn(usize) -> String| {
        format!("sidecars:\n{}", lines(count, |n| format!("  s{n}: {{image: x, {}}}\n", line(n))))
    };
    vec![
        service(
            "chained sidecars",
            &format!(
                "{}  s1000: {{image: x}}\n",
                sidecars(1000, &|n| format!("depends_on: {{s{}: start}}", n + 1))
            ),
        ),
        service(
            "a circle of sidecars",
            &sidecars(15_000, &|n| format!("depends_on: {{s{}: start}}", (n + 1) % 15_000)),
        ),
        service("unknown dependencies", &sidecars(12_000, &|n| format!("depends_on: {{t{n}: start}}"))),
        service("wrong forms", &sidecars(15_000, &|_| "port: [1], mount_points: x".to_owned())),
        service("ports", &sidecars(20_000, &|n| format!("port: {}", n + 1))),
        service(
            "routing rules",
            &format!(
                "http:\n  path: /\n  additional_rules:\n{}",
                lines(12_000, |n| format!("  - {{path: /, target_container: s{n}}}\n"))
            ),
        ),
    ]
}

fn pipelines() -> Vec<Case> {
    vec![
        pipeline("50,000 stages", &lines(50_000, |n| format!("- {{name: e{n}}}\n"))),
        pipeline(
            "chained deployments",
            &format!(
                "- name: test\n  deployments:\n{}",
                lines(15_000, |n| format!("    d{n}: {{depends_on: [d{}, x{n}]}}\n", n + 1))
            ),
        ),
        pipeline(
            "missing buildspecs",
            &format!(
                "- name: test\n  pre_deployments:\n{}",
                lines(20_000, |n| format!("    d{n}: {{buildspec: b{n}.yml}}\n"))
            ),
        ),
    ]
}

fn files() -> Vec<Case> {
    let addons = format!(
        "Resources:\n{}",
        lines(12_000, |n| format!("  R{n}: {{Type: T, Properties: {{A: !Ref X{n}, B: !GetAtt Y{n}.Z}}}}\n"))
    );
    let parameters = format!("Parameters:\n{}", lines(30_000, |n| format!("  P{n}: x\n")));
    let mut cases = vec![service("addons", "")];
    cases[0].files.push(("copilot/api/addons/a.yml", addons.clone()));
    cases[0].files.push(("copilot/api/addons/b.yml", addons));
    cases[0].files.push(("copilot/api/addons/addons.parameters.yml", parameters));
    cases.push(special("a terabyte", vec![Special::Sparse("copilot/worker/manifest.yml", 1 << 40)]));
    if cfg!(unix) {
        cases.push(special(
            "an endless file",
            vec![Special::Link("copilot/worker/manifest.yml", "/dev/zero")],
        ));
        cases.push(special("a folder in itself", vec![Special::Link("copilot/api/addons/again", ".")]));
    }
    cases
}
