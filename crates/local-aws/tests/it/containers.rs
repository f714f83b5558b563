//! With a docker daemon: tasks whose containers run.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use copilot_local_aws::{Engine, LocalAws, Options, Pace};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{ACCOUNT, Client, REGION, ecs};

/// A daemon of the test's own.
struct Daemon {
    dir: tempfile::TempDir,
    child: Child,
}

impl Daemon {
    /// Starts one. `None`, said aloud, where that is impossible, unless `COPILOT_REQUIRE_ALL` demands it.
    fn start() -> Option<Self> {
        let started = Self::try_start();
        let required = std::env::var_os("COPILOT_REQUIRE_ALL").is_some();
        match started {
            Ok(daemon) => Some(daemon),
            Err(why) => {
                assert!(!required, "a docker daemon is required, but {why}");
                skipped(&why);
                None
            }
        }
    }

    fn try_start() -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = |name: &str| dir.path().join(name);
        let log = std::fs::File::create(path("log")).map_err(|error| error.to_string())?;
        let child = Command::new("dockerd")
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=overlay2"])
            .arg("--data-root")
            .arg(path("root"))
            .arg("--exec-root")
            .arg(path("exec"))
            .arg("-H")
            .arg(format!("unix://{}", path("docker.sock").display()))
            .arg("--pidfile")
            .arg(path("pid"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("`dockerd` can't be run: {error}"))?;
        let daemon = Self { dir, child };
        for _ in 0..300 {
            if daemon.docker(&["info"]).is_some() {
                return Ok(daemon);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        let log = std::fs::read_to_string(daemon.dir.path().join("log")).unwrap_or_default();
        Err(format!("it does not come up: {}", log.lines().last().unwrap_or_default()))
    }

    fn engine(&self) -> Option<Engine> {
        let host = format!("unix://{}", self.dir.path().join("docker.sock").display());
        let variables = [
            ("DOCKER_HOST".to_owned(), host),
            ("PATH".to_owned(), std::env::var_os("PATH")?.into_string().ok()?),
        ];
        Some(Engine {
            program: program("docker")?.to_str()?.into(),
            variables: variables.into(),
            keep: false,
        })
    }

    /// What a call of docker says, if it succeeds.
    fn docker(&self, words: &[&str]) -> Option<String> {
        let engine = self.engine()?;
        let output = Command::new(&engine.program).args(words).envs(&engine.variables).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: the test of containers that run for real: {why}");
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A layer with a shell, which is all that an image needs.
fn layer(dir: &std::path::Path) -> Option<Vec<u8>> {
    let shell = program("busybox")?;
    std::fs::create_dir_all(dir.join("bin")).ok()?;
    std::fs::copy(shell, dir.join("bin/busybox")).ok()?;
    for name in ["sh", "cat", "sleep", "printenv", "echo"] {
        std::os::unix::fs::symlink("busybox", dir.join("bin").join(name)).ok()?;
    }
    let packed = Command::new("tar").arg("-C").arg(dir).args(["-cf", "-", "bin"]).output().ok()?;
    packed.status.success().then_some(packed.stdout)
}

/// Pushes an image of one layer; its name with the digest.
async fn push(client: &Client, layer: &[u8]) -> String {
    let made = client.json("ecr", "CreateRepository", &json!({"repositoryName": "shop/web"})).await.1;
    let (_, login) = client.json("ecr", "GetAuthorizationToken", &json!({})).await;
    let login = login["authorizationData"][0]["authorizationToken"].as_str().unwrap();
    let headers = format!("Authorization: Basic {login}\r\n");
    let config = json!({
        "architecture": if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }, "os": "linux",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]}, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    });
    let config = config.to_string().into_bytes();
    for blob in [config.as_slice(), layer] {
        let path = format!("/v2/shop/web/blobs/uploads/?digest={}", digest(blob));
        assert_eq!(client.raw("POST", &path, &headers, blob).await.unwrap().status, 201);
    }
    let part =
        |bytes: &[u8], kind: &str| json!({"mediaType": kind, "size": bytes.len(), "digest": digest(bytes)});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": part(&config, "application/vnd.oci.image.config.v1+json"),
        "layers": [part(layer, "application/vnd.oci.image.layer.v1.tar")],
    });
    let manifest = manifest.to_string().into_bytes();
    let typed = format!("{headers}Content-Type: application/vnd.oci.image.manifest.v1+json\r\n");
    let put = client.raw("PUT", "/v2/shop/web/manifests/v1", &typed, &manifest).await.unwrap();
    assert_eq!(put.status, 201, "{}", put.text());
    format!("{}@{}", made["repository"]["repositoryUri"].as_str().unwrap(), digest(&manifest))
}

/// A service whose command is a parameter.
fn template(image: &str, command: &str) -> String {
    let container = json!({
        "Name": "web", "Image": image, "Command": ["sh", "-c", command],
        "Environment": [{"Name": "GREETING", "Value": "hello"}],
        "Secrets": [{"Name": "TOKEN", "ValueFrom": "/copilot/token"}],
        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/copilot/web", "awslogs-stream-prefix": "copilot"}},
    });
    json!({"Resources": {
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "web", "ContainerDefinitions": [container]}},
        "Service": {"Type": "AWS::ECS::Service", "Properties": {
            "ServiceName": "web", "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 1,
            "EnableExecuteCommand": true,
            "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": true, "Rollback": true}},
        }},
    }})
    .to_string()
}

async fn change(client: &Client, action: &str, template: &str) -> String {
    let answer = client.cfn(action, &[("StackName", "web"), ("TemplateBody", template)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let status = client.cfn("DescribeStacks", &[("StackName", "web")]).await.xml("StackStatus");
        if !status.ends_with("IN_PROGRESS") {
            return status;
        }
    }
    panic!("it never settles")
}

async fn logged(client: &Client) -> Vec<String> {
    let (_, found) = client.json("logs", "FilterLogEvents", &json!({"logGroupName": "/copilot/web"})).await;
    let events = found["events"].as_array().cloned().unwrap_or_default();
    events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
}

/// One daemon serves all: it takes seconds to start.
#[tokio::test(flavor = "multi_thread")]
async fn containers_run_and_their_output_is_the_log() {
    let Some(daemon) = Daemon::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some(layer) = layer(folder.path()) else { return skipped("there is no `busybox`") };
    let pace = Pace::Every(Duration::from_millis(100));
    let aws = LocalAws::start(Options { engine: daemon.engine(), pace, ..Options::default() }).await.unwrap();
    assert!(aws.containers().unwrap().starts_with("docker "), "{:?}", aws.containers());
    let client = Client::new(aws.endpoint());
    let image = push(&client, &layer).await;
    let secret = json!({"Name": "/copilot/token", "Value": "s3cr3t", "Type": "SecureString"});
    assert_eq!(client.json("ssm", "PutParameter", &secret).await.0, 200);

    let serves = template(&image, "echo $GREETING ${#TOKEN}; echo oops >&2; exec sleep 1000");
    let status = change(&client, "CreateStack", &serves).await;
    let events = aws.with_state(|state| state.region(ACCOUNT, REGION).services().remove(0).events);
    assert_eq!(status, "CREATE_COMPLETE", "{events:?}");
    let mut lines = logged(&client).await;
    lines.sort();
    assert_eq!(lines, ["hello 6", "oops"]);
    let tasks =
        ecs(&client, "ListTasks", json!({"cluster": "shop", "serviceName": "web"})).await["taskArns"].clone();
    let found =
        ecs(&client, "DescribeTasks", json!({"cluster": "shop", "tasks": tasks})).await["tasks"][0].clone();
    assert_eq!(found["attributes"], json!([]));
    let runtime = found["containers"][0]["runtimeId"].as_str().unwrap();
    // What is secret stands in no argument.
    assert!(
        !daemon
            .docker(&["container", "inspect", "--format", "{{.Args}}", runtime])
            .unwrap()
            .contains("s3cr3t")
    );

    executing(&client, &tasks[0]).await;
    let before = version(&client, &tasks).await;

    // A version that crashes: its reason and its lines are there, the old one runs on.
    let crashes = template(&image, "echo no database; exit 3");
    assert_eq!(change(&client, "UpdateStack", &crashes).await, "UPDATE_ROLLBACK_COMPLETE");
    assert!(logged(&client).await.contains(&"no database".to_owned()));
    let now =
        ecs(&client, "ListTasks", json!({"cluster": "shop", "serviceName": "web"})).await["taskArns"].clone();
    // The version before serves on, whichever task that is.
    assert_eq!(version(&client, &now).await, before);
    let once = json!({
        "cluster": "shop", "taskDefinition": "web",
        "overrides": {"containerOverrides": [{"name": "web", "command": ["sh", "-c", "exit 5"]}]},
    });
    let once = ecs(&client, "RunTask", once).await["tasks"][0]["taskArn"].clone();
    let mut ended = Value::Null;
    for _ in 0..200 {
        ended = ecs(&client, "DescribeTasks", json!({"cluster": "shop", "tasks": [once]})).await["tasks"][0]
            .clone();
        if ended["lastStatus"] == "STOPPED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        (&ended["containers"][0]["exitCode"], &ended["stopCode"]),
        (&json!(5), &json!("EssentialContainerExited"))
    );
    aws.stop().await.unwrap();
    assert_eq!(
        daemon.docker(&["ps", "--all", "--quiet", "--filter", "label=copilot-local-aws"]).unwrap(),
        ""
    );
}

/// Task definitions of tasks, one for each.
async fn version(client: &Client, tasks: &Value) -> Vec<Value> {
    let found = ecs(client, "DescribeTasks", json!({"cluster": "shop", "tasks": tasks})).await;
    found["tasks"].as_array().unwrap().iter().map(|task| task["taskDefinitionArn"].clone()).collect()
}

/// A command in a container, with its output and its exit code, and no plugin.
async fn executing(client: &Client, task: &Value) {
    let command = r"sh -c 'cat; printenv GREETING; echo bad >&2; exit 7'";
    let session = json!({"cluster": "shop", "task": task, "command": command, "interactive": true});
    let session = ecs(client, "ExecuteCommand", session).await;
    let body = json!({"token": session["session"]["tokenValue"], "stdin": "aW4K"}).to_string();
    let answer = client.raw("POST", "/_local/exec", "", body.as_bytes()).await.unwrap();
    let text = answer.text();
    let said = |name: &str| text.contains(&format!("{{\"{name}\":"));
    assert!(
        answer.status == 200 && said("stdout") && said("stderr") && text.contains("{\"exit\":7}"),
        "{text}"
    );
    let again = client.raw("POST", "/_local/exec", "", body.as_bytes()).await.unwrap();
    assert_eq!(again.status, 409);
}
