//! Files that are not what they seem, in each place that a command reads.

use super::{Case, PIPELINE, SERVICE, Special};

const PACKAGE: &[&str] =
    &["svc", "package", "-n", "api", "-e", "test", "--facts", "facts.yml", "--output-dir", "out"];
const BUILD: &[&str] = &["build", "--no-upload", "--dry-run", "--facts", "facts.yml"];

const FACTS: &str = include_str!("../../../../tests/facts.yml");

const ADDONS: &str = "
Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}}
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Code: lambdas/fn, Handler: index.handler, Runtime: nodejs22.x, Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/r'}
";

/// A workspace that is fine but for one place, and the command that reads that place.
fn whole(name: &'static str, arguments: &'static [&'static str], special: Special) -> Case {
    let files = [
        (
            SERVICE,
            "name: api\ntype: Backend Service\nimage:\n  build: {dockerfile: image/Dockerfile, context: image}\nenv_file: conf/api.env\n",
        ),
        (
            PIPELINE,
            "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties: {repository: o/r}\nstages: [{name: test}]\n",
        ),
        (
            "copilot/site/manifest.yml",
            "name: site\ntype: Static Site\nfiles: [{source: site, recursive: true}]\n",
        ),
        ("copilot/api/addons/fn.yml", ADDONS),
        ("copilot/api/overrides/cfn.patches.yml", "[]\n"),
        ("facts.yml", FACTS),
        ("conf/api.env", "A=1\n"),
        ("image/Dockerfile", "FROM scratch\nCOPY . /\n"),
        ("lambdas/fn/index.js", "exports.handler = async () => {};\n"),
        ("site/index.html", "<h1>\n"),
    ];
    let own = special.path();
    let files =
        files.into_iter().filter(|(path, _)| *path != own).map(|(path, text)| (path, text.to_owned()));
    Case { name, files: files.collect(), special: vec![special], arguments }
}

pub(super) fn cases() -> Vec<Case> {
    const PATCHES: &str = "copilot/api/overrides/cfn.patches.yml";
    const BUILDSPEC: &str = "copilot/pipelines/main/buildspec.yml";
    let mut cases = vec![
        whole("patches of a terabyte", PACKAGE, Special::Sparse(PATCHES, 1 << 40)),
        whole("facts of a terabyte", PACKAGE, Special::Sparse("facts.yml", 1 << 40)),
        whole("an env file of a terabyte", BUILD, Special::Sparse("conf/api.env", 1 << 40)),
        whole("addons of a terabyte", PACKAGE, Special::Sparse("copilot/api/addons/fn.yml", 1 << 40)),
        whole("a buildspec of a terabyte", &["validate"], Special::Sparse(BUILDSPEC, 1 << 40)),
        whole("a page of a terabyte", BUILD, Special::Sparse("site/index.html", 1 << 40)),
    ];
    if cfg!(unix) {
        cases.extend([
            whole("endless patches", PACKAGE, Special::Link(PATCHES, "/dev/zero")),
            whole("endless facts", PACKAGE, Special::Link("facts.yml", "/dev/zero")),
            whole("an endless env file", BUILD, Special::Link("conf/api.env", "/dev/zero")),
            whole("an endless Dockerfile", BUILD, Special::Link("image/Dockerfile", "/dev/zero")),
            whole("patches from a pipe", PACKAGE, Special::Pipe(PATCHES)),
            whole("facts from a pipe", PACKAGE, Special::Pipe("facts.yml")),
            whole("an env file from a pipe", BUILD, Special::Pipe("conf/api.env")),
            whole("a manifest from a pipe", &["validate"], Special::Pipe("copilot/worker/manifest.yml")),
            whole("a context with a pipe", BUILD, Special::Pipe("image/pipe")),
            whole("a site in itself", BUILD, Special::Link("site/again", ".")),
            whole("a context of 1,900 levels", BUILD, Special::Deep("image/deep", 1_900)),
            whole("addons of 1,500 levels", BUILD, Special::Deep("lambdas/fn/deep", 1_500)),
            whole("a site of 1,500 levels", BUILD, Special::Deep("site/deep", 1_500)),
        ]);
    }
    cases
}
