//! Files that stacks refer to are where they say: no image is built here, so no engine is needed.

use copilot_local_aws::Application;
use serde_json::Value as Json;

use super::{build, infrastructure};
use crate::Folder;
use crate::support::{Cloud, command, done};

fn workspace() -> (Folder, Cloud) {
    let folder = Folder::new();
    for (name, text) in [
        ("copilot/.workspace", "application: shop\n"),
        (
            "copilot/api/manifest.yml",
            "name: api\ntype: Backend Service\nimage:\n  location: shop/api\nenv_file: conf/api.env\n",
        ),
        (
            "copilot/api/addons/fn.yml",
            "Parameters:\n  App: {Type: String}\n  Env: {Type: String}\n  Name: {Type: String}\nResources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: lambdas/fn\n      Handler: index.handler\n      Runtime: nodejs22.x\n      Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/r'\n",
        ),
        (
            "copilot/site/manifest.yml",
            "name: site\ntype: Static Site\nfiles:\n  - source: site\n    recursive: true\n",
        ),
        ("conf/api.env", "A=1\n"),
        ("lambdas/fn/index.js", "exports.handler = async () => {};\n"),
        ("site/index.html", "<h1>\n"),
        ("site/css/a.css", "a {}\n"),
        (
            "copilot/pipelines/main/manifest.yml",
            "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: https://github.com/shop/shop\nstages:\n  - name: test\n  - name: prod\n",
        ),
    ] {
        folder.write(name, text);
    }
    let application = Application::new("shop", "123456789012", "us-west-2")
        .environment("test", "us-west-2")
        .environment("prod", "eu-west-1")
        .workload("api", "Backend Service")
        .workload("site", "Static Site");
    (folder, Cloud::with(&application))
}

fn parameters(folder: &Folder, pair: &str) -> Json {
    let text = folder.read(&format!("infrastructure/{pair}.params.json"));
    serde_json::from_str::<Json>(&text).unwrap()["Parameters"].clone()
}

/// The object that a URL or an ARN names.
fn object(cloud: &Cloud, place: &str) -> String {
    let (bucket, key) = if let Some(rest) = place.strip_prefix("arn:aws:s3:::") {
        rest.split_once('/').unwrap()
    } else {
        let (host, key) = place.strip_prefix("https://").unwrap().split_once('/').unwrap();
        (host.split(".s3").next().unwrap(), key)
    };
    let bytes = cloud.aws.object(bucket, key).unwrap_or_else(|| panic!("nothing at {place}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn each_region_has_what_its_stacks_name() {
    let (folder, cloud) = workspace();
    let (done, report) = build(&folder, &[], &cloud.variables());
    assert_eq!(done.code, 0, "{}", done.stderr);
    for environment in ["test", "prod"] {
        let parameters = parameters(&folder, &format!("api-{environment}"));
        assert_eq!(object(&cloud, parameters["EnvFileARN"].as_str().unwrap()), "A=1\n");
        let addons = object(&cloud, parameters["AddonsTemplateURL"].as_str().unwrap());
        let code = addons.lines().find_map(|line| line.trim().strip_prefix("S3Key: ")).unwrap();
        let bucket = addons.lines().find_map(|line| line.trim().strip_prefix("S3Bucket: ")).unwrap();
        assert!(cloud.aws.object(bucket, code).unwrap().starts_with(b"PK"), "a zip");
        // The code of functions, and the list of a site's files, stand in templates.
        for workload in ["api", "site"] {
            let template = folder.read(&format!("infrastructure/{workload}-{environment}.stack.yml"));
            for key in template.lines().filter_map(|line| line.trim().strip_prefix("S3Key: ")) {
                assert!(cloud.aws.object(bucket, key).is_some(), "{workload} in {environment}: {key}");
            }
        }
    }
    let site = |object: &&Json| object["what"].as_str().unwrap().starts_with("site: ");
    assert_eq!(
        report["objects"].as_array().unwrap().iter().filter(site).count(),
        4,
        "two files in two regions"
    );

    let before = infrastructure(&folder);
    let (again, report) = build(&folder, &["--json"], &cloud.variables());
    assert_eq!(report["counts"]["uploads"], 0);
    assert_eq!(serde_json::from_str::<Json>(&again.stdout).unwrap()["counts"], report["counts"]);
    assert!(infrastructure(&folder) == before);
}

#[test]
fn a_dry_run_does_nothing() {
    let (folder, cloud) = workspace();
    let (done, report) = build(&folder, &["--dry-run"], &cloud.variables());
    assert_eq!((done.code, &report["outcome"]), (0, &"dry_run".into()), "{}", done.stderr);
    assert!(infrastructure(&folder).is_empty());
    assert_eq!(cloud.aws.calls().count("s3", "PutObject"), 0);
    let stderr = done.stderr.lines().last().unwrap_or_default().to_owned();
    assert!(stderr.contains("would be uploaded") && stderr.contains("4 stacks would be written"), "{stderr}");
}

#[test]
fn one_workload_in_one_environment_is_packaged_alike() {
    let (folder, cloud) = workspace();
    let (whole, _) = build(&folder, &[], &cloud.variables());
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let whole = infrastructure(&folder);
    fs_err::remove_dir_all(folder.path.join("infrastructure")).unwrap();
    for workload in ["api", "site"] {
        for environment in ["test", "prod"] {
            let arguments = [
                "svc",
                "package",
                "-n",
                workload,
                "-e",
                environment,
                "--output-dir",
                "./infrastructure",
                "--tag",
                "t",
                "--upload-assets",
            ];
            let packaged = done(command(&folder.path, &arguments, &cloud.variables()).spawn().unwrap());
            assert_eq!(packaged.code, 0, "{}", packaged.stderr);
        }
    }
    // The template of addons has no environment in its name: whichever was last is there.
    let own = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        files
            .iter()
            .filter(|(name, _)| !name.contains("addons"))
            .map(|(n, b)| (n.clone(), b.clone()))
            .collect::<Vec<_>>()
    };
    assert!(own(&infrastructure(&folder)) == own(&whole));
}

#[test]
fn what_addons_refer_to_and_is_not_there_is_named() {
    let (folder, cloud) = workspace();
    fs_err::remove_dir_all(folder.path.join("lambdas")).unwrap();
    let (done, _) = build(&folder, &[], &cloud.variables());
    assert_eq!(done.code, 1);
    assert!(
        done.stderr.contains("the addons of `api` refer to a file in `Resources.Fn.Properties.Code`"),
        "{}",
        done.stderr
    );
    assert!(infrastructure(&folder).is_empty());
}
