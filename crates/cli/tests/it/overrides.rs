//! Overrides that are a CDK application, with shell scripts in place of npm, yarn and cdk.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use crate::{Done, Folder, with};

const FACTS: &str = include_str!("../../../../tests/facts.yml");

/// Installs a `cdk` that is the application's own `app.sh`.
const NPM: &str = "#!/bin/sh
echo \"$0 $*\" >&2
echo 'added 2 packages'
mkdir -p node_modules/.bin && cp app.sh node_modules/.bin/cdk
";

/// Tells where it is and what it was given, and prints the template with more around it.
const APP: &str = "#!/bin/sh
echo \"cdk $*\" in \"$PWD\" >&2
echo \"application [$COPILOT_APPLICATION_NAME] environment [$COPILOT_ENVIRONMENT_NAME] other [$OTHER] token [$TOKEN]\" >&2
awk '{print} /^Parameters:/ {print \"  BootstrapVersion: {Type: String}\"}' .build/in.yml
echo 'Rules: {CheckBootstrapVersion: {Assertions: []}}'
echo 'Hooks: {Nothing: {Type: None}}'
";

fn program(folder: &Folder, name: &str, script: &str) {
    folder.write(name, script);
    fs_err::set_permissions(folder.path.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A workspace with a CDK application in the folder, and npm.
fn workspace(overrides: &str) -> Folder {
    let folder = Folder::workspace();
    folder.write("facts.yml", FACTS);
    folder.write(&format!("{overrides}/cdk.json"), "{}");
    program(&folder, &format!("{overrides}/app.sh"), APP);
    program(&folder, "bin/npm", NPM);
    folder
}

fn run(folder: &Folder, arguments: &[&str]) -> Done {
    let path = format!("{}/bin:/usr/bin:/bin", folder.path);
    let variables = [
        ("PATH", path.as_str()),
        ("COPILOT_PIPELINE_ALLOW_CDK", "true"),
        ("COPILOT_PIPELINE_CDK_VARIABLES", "MORE, OTHER"),
        ("OTHER", "kept"),
        ("TOKEN", "hunter2"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    with(&folder.path, arguments, BTreeMap::from(variables), None)
}

/// Just what it takes to run an application.
fn variables(path: &str) -> BTreeMap<String, String> {
    [("PATH", path), ("COPILOT_PIPELINE_ALLOW_CDK", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

const SERVICE: [&str; 8] = ["svc", "package", "-n", "api", "-e", "test", "--facts", "facts.yml"];
const OF_SERVICE: &str = "copilot/api/overrides";

#[test]
fn an_application_changes_the_stack_of_a_service() {
    let plain = Folder::workspace();
    plain.write("facts.yml", FACTS);
    let plain = run(&plain, &SERVICE).stdout;

    let folder = workspace(OF_SERVICE);
    let before = folder.content();
    let done = run(&folder, &SERVICE);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("cdk_of_a_service", done.stderr.replace(folder.path.as_str(), "[FOLDER]"));
    let description = plain.lines().find(|line| line.starts_with("Description: ")).unwrap();
    let remarked = format!("{} using AWS Copilot and CDK.", description.trim_end_matches('.'));
    assert_eq!(done.stdout, plain.replace(description, &remarked), "nothing else differs");
    assert_eq!(folder.read("copilot/api/overrides/.build/in.yml"), plain);

    let own = |name: &String| {
        name.starts_with("copilot/api/overrides/.build/")
            || name.starts_with("copilot/api/overrides/node_modules/")
    };
    let mut after = folder.content();
    after.retain(|name, _| !own(name));
    assert_eq!(after, before, "the user's files stay as they are");
}

#[test]
fn an_application_changes_the_stack_of_a_pipeline() {
    let folder = workspace("copilot/pipelines/release/overrides");
    folder.write(
        "copilot/pipelines/release/manifest.yml",
        "name: release\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    \
         repository: https://github.com/shop/shop\n    connection_name: hub\nstages:\n  - name: test\n",
    );
    let done = run(&folder, &["package", "-n", "release", "--facts", "facts.yml", "--output-dir", "out"]);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("cdk_of_a_pipeline", done.stderr.replace(folder.path.as_str(), "[FOLDER]"));
    let template = folder.read("out/release.stack.yml");
    assert!(
        template.contains("\nDescription: CodePipeline for shop using AWS Copilot and CDK.\n"),
        "{template}"
    );
}

#[test]
fn the_nearest_lock_file_decides_between_npm_and_yarn() {
    let folder = workspace(OF_SERVICE);
    program(&folder, "bin/yarn", NPM);
    let used = |folder: &Folder, name: &str| {
        let done = run(folder, &SERVICE);
        assert!(done.stderr.contains(&format!("/bin/{name} install\n")), "{done:?}");
    };
    used(&folder, "npm");
    folder.write("yarn.lock", "");
    used(&folder, "yarn");
    folder.write("package-lock.json", "");
    used(&folder, "npm");
}

#[test]
fn what_goes_wrong_is_told_and_nothing_is_written() {
    let mut all = String::new();
    let mut refused = |what: &str, folder: &Folder, path: &str| {
        let path = path.replace("[FOLDER]", folder.path.as_str());
        let arguments = SERVICE.into_iter().chain(["--output-dir", "out"]).collect::<Vec<_>>();
        let done = with(&folder.path, &arguments, variables(&path), None);
        assert!(!folder.path.join("out").exists(), "{what}");
        all += "== ";
        all += what;
        all += "\n";
        all += &done.shown(&folder.path);
    };
    let usual = "[FOLDER]/bin:/usr/bin:/bin";

    refused("no package manager", &workspace(OF_SERVICE), "[FOLDER]/nowhere");
    let folder = workspace(OF_SERVICE);
    program(&folder, "bin/npm", "#!/bin/sh\necho 'npm error could not read package.json' >&2\nexit 254\n");
    refused("npm fails", &folder, usual);
    program(&folder, "bin/npm", "#!/bin/sh\n");
    refused("no cdk among the packages", &folder, usual);
    program(&folder, "bin/npm", NPM);
    let cases = [
        ("cdk fails", "echo 'TSError: unable to compile' >&2; exit 1"),
        ("cdk complains on standard output", "echo 'no such stack'; exit 2"),
        ("nothing is printed", "echo 'Supply a stack id (Other, Stack)' >&2"),
        ("no template is printed", "echo Successfully synthesized"),
        ("no YAML is printed", "echo 'Resources: ['"),
    ];
    for (what, script) in cases {
        program(&folder, "copilot/api/overrides/app.sh", &format!("#!/bin/sh\n{script}\n"));
        refused(what, &folder, usual);
    }
    fs_err::remove_file(folder.path.join("copilot/api/overrides/cdk.json")).unwrap();
    refused("no cdk.json", &folder, usual);
    insta::assert_snapshot!("cdk_refused", all);
}

#[test]
fn runs_at_once_take_turns() {
    let folder = workspace(OF_SERVICE);
    let (_, of_test) = FACTS.split_once("  test:\n").unwrap();
    let of_prod = of_test.split_once("\nconnections:").unwrap().0.replace("shop-test", "shop-prod");
    folder
        .write("facts.yml", FACTS.replace("\nconnections:", &format!("\n  prod:\n{of_prod}\nconnections:")));
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  location: shop/api\nvariables:\n  WHERE: in-${COPILOT_ENVIRONMENT_NAME}\n",
    );
    program(
        &folder,
        "copilot/api/overrides/app.sh",
        "#!/bin/sh\nmkdir running || exit 9\nsleep 0.2\ncat .build/in.yml\nrmdir running\n",
    );
    let packaged = |environment: &'static str| {
        let arguments = SERVICE.map(|word| if word == "test" { environment } else { word });
        (environment, run(&folder, &arguments))
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let runs = ["test", "prod", "test", "prod"];
        let runs: Vec<_> = runs.map(|environment| scope.spawn(move || packaged(environment))).into();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for (environment, done) in &all {
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains(&format!("in-{environment}")), "{environment}: {done:?}");
    }
    let waited = "waiting for another run of the CDK application in `copilot/api/overrides`\n";
    assert_eq!(all.iter().filter(|(_, done)| done.stderr.contains(waited)).count(), 3, "{all:?}");
}

#[test]
fn no_link_leads_the_template_out_of_the_workspace() {
    use fs_err::os::unix::fs::symlink;

    let (folder, outside) = (workspace(OF_SERVICE), Folder::new());
    outside.write("file", "kept");
    let build = folder.path.join(OF_SERVICE).join(".build");
    symlink(&outside.path, &build).unwrap();
    let done = run(&folder, &SERVICE);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("copilot/api/overrides/.build`: it leads out of the workspace"), "{done:?}");
    assert!(!done.stderr.contains("npm install"), "nothing is run: {done:?}");
    assert_eq!(outside.content().len(), 1);

    fs_err::remove_file(&build).unwrap();
    fs_err::create_dir(&build).unwrap();
    symlink(outside.path.join("file"), build.join("in.yml")).unwrap();
    let done = run(&folder, &SERVICE);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(outside.read("file"), "kept", "what is written takes the link's place");
}
