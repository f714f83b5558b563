//! What stands between a user and AWS: each has its own message with the next step.

use std::fmt::Write as _;
use std::process::Command;

use copilot_local_aws::{Effect, Fault};

use super::{ACCOUNT, Cloud, MANIFEST, REGION};
use crate::Folder;

/// Runs the program itself with nothing but these variables.
fn alone(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let home = Folder::new();
    let mut command = Command::new(crate::program());
    command.args(arguments).env_clear().current_dir(&home.path).env("HOME", &home.path);
    command.env("AWS_EC2_METADATA_DISABLED", "true").envs(variables.iter().copied());
    let done = command.output().unwrap();
    let stderr = String::from_utf8(done.stderr).unwrap();
    format!("{arguments:?} {:?}\n{stderr}", done.status.code())
}

const LS: [&str; 3] = ["ls", "--app", "shop"];

#[test]
fn without_a_way_to_aws() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")];
    let closed = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"), keys[0], keys[1]];
    let metadata = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9");
    let text = [
        alone(&LS, &[]),
        alone(&LS, &[("AWS_REGION", REGION)]),
        alone(&["ls", "--app", "shop", "--profile", "nobody"], &[("AWS_REGION", REGION)]),
        alone(&LS, &[("AWS_PROFILE", "nobody"), ("AWS_CONFIG_FILE", "aws.ini")]),
        alone(&LS, &[("AWS_REGION", REGION), ("AWS_EC2_METADATA_DISABLED", "false"), metadata]),
        alone(&LS, &closed),
        alone(&LS, &[closed[0], closed[1], closed[2], closed[3], ("COPILOT_PIPELINE_LOG", "loud")]),
    ];
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn profiles_that_give_no_credentials() {
    let folder = Folder::new();
    folder.write(
        "good.ini",
        "[profile shop]\nregion = us-west-2\ncredential_process = false\n[profile other]\n",
    );
    folder.write("bad.ini", "[profile shop\n");
    let tried = |profile: &str, file: &str| {
        let path = folder.path.join(file);
        let variables =
            [("AWS_CONFIG_FILE", path.as_str()), ("AWS_REGION", REGION), ("PATH", "/usr/bin:/bin")];
        alone(&["ls", "--app", "shop", "--profile", profile], &variables)
    };
    let text = [tried("shopp", "good.ini"), tried("shop", "good.ini"), tried("shop", "bad.ini")];
    insta::assert_snapshot!(text.join("\n").replace(folder.path.as_str(), "[FOLDER]"));
}

/// What `aws login` leaves behind is enough.
#[test]
fn somebody_who_has_logged_in_needs_no_keys() {
    const WHO: &str = "arn:aws:iam::123456789012:user/ada";
    // SHA-256 of the above.
    const FILE: &str = "cache/397b11bbda6668a5a8d17d42c91036373f4a376627089c204bef61ce0ae993c2.json";
    let cloud = Cloud::new();
    let folder = Folder::new();
    folder.write("aws.ini", format!("[profile ada]\nregion = {REGION}\nlogin_session = {WHO}\n"));
    let token = serde_json::json!({
        "accessToken": {
            "accessKeyId": "test", "secretAccessKey": "test", "sessionToken": "test", "accountId": ACCOUNT,
            "expiresAt": "2100-01-01T00:00:00Z",
        },
        "tokenType": "aws_sigv4", "refreshToken": "test", "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "not needed before the token ends",
    });
    folder.write(FILE, token.to_string());
    let (config, cache) = (folder.path.join("aws.ini"), folder.path.join("cache"));
    let variables = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_LOGIN_CACHE_DIRECTORY", cache.as_str()),
        ("AWS_ENDPOINT_URL", cloud.aws.endpoint()),
    ];
    let text = alone(&["ls", "--app", "shop", "--profile", "ada"], &variables);
    assert!(text.contains("Some(0)"), "{text}");
}

#[test]
fn with_the_wrong_credentials_or_place() {
    let mut text = String::new();
    let mut tried = |name: &str, prepare: &dyn Fn(&Cloud), arguments: &[&str]| {
        let cloud = Cloud::new();
        prepare(&cloud);
        let _ = writeln!(text, "== {name}: {}", cloud.show(&cloud.run(arguments)));
    };
    let inject = |effect: &Effect, on: &str| {
        let fault = Fault::new(effect.clone()).on(on);
        move |cloud: &Cloud| cloud.aws.inject(fault.clone())
    };
    tried("expired credentials", &inject(&Effect::ExpiredToken, "tagging"), &["ls"]);
    tried("missing permission", &inject(&Effect::AccessDenied, "tagging:GetResources"), &["status"]);
    tried(
        "missing permission to deploy",
        &inject(&Effect::AccessDenied, "s3:PutObject"),
        &["deploy", "--yes"],
    );
    tried("throttled for ever", &inject(&Effect::Throttle, "ssm:GetParameter").clone(), &["package"]);
    tried("wrong region", &|_| {}, &["status", "--region", "eu-central-1"]);
    tried("no application", &|_| {}, &["ls", "--app", "shopp"]);
    tried("no pipeline", &|_| {}, &["show"]);
    let role = format!("arn:aws:iam::{ACCOUNT}:role/shop-test-EnvManagerRole");
    tried("a role refuses", &|cloud| cloud.aws.with_state(|state| state.refuse_role(&role)), &["facts"]);
    let staging = MANIFEST.replace("name: prod", "name: staging");
    let write = |cloud: &Cloud| cloud.folder.write("copilot/pipelines/main/manifest.yml", &staging);
    tried("no environment", &write, &["deploy"]);
    insta::assert_snapshot!(text);
}

#[test]
fn calls_are_traced_without_secrets() {
    let cloud = Cloud::new();
    let variables: Vec<_> =
        cloud.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    cloud.aws.inject(Fault::new(Effect::Throttle).on("tagging").times(1));
    for arguments in [&["--verbose", "ls", "--app", "shop"][..], &["ls", "--verbose", "--app", "shop"]] {
        let text = alone(arguments, &variables);
        assert!(text.contains("GetResources") && !text.contains("AWS4-HMAC"), "{text}");
    }
    assert!(!alone(&LS, &variables).contains("GetResources"));
}
