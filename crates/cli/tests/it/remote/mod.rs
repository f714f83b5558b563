//! Commands about deployed pipelines, against a local AWS.
//!
//! Tests named `row_N…` show that a defect of Copilot is not repeated; `docs/rows.md` lists them.

mod control;
mod delete;
mod deploy;
mod differences;
mod environments;
mod failures;
mod looking;
mod messages;
mod operate;
mod overriding;
mod planning;
mod refusals;
mod runs;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use camino::Utf8Path;
use copilot_deployer::stack::{self, ChangeSet, Manner, Patience, Template};
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_local_aws::{Application, Clock, Handshake, LocalAws, Options, Pace};
use copilot_pipeline::Prompt;
use tokio::runtime::{Builder, Runtime};

use crate::init::Script;
use crate::{Done, Folder, with};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-west-2";
pub(crate) const STACK: &str = "pipeline-shop-main";

pub(crate) const MANIFEST: &str = "\
name: main
version: 1
source:
  provider: GitHub
  properties:
    branch: main
    repository: https://github.com/acme/shop
stages:
  - name: test
  - name: prod
    requires_approval: true
";

/// A local AWS with the application `shop`, and a workspace of it. Each request moves the world on by one step.
pub(crate) struct Cloud {
    runtime: Runtime,
    pub(crate) aws: LocalAws,
    pub(crate) folder: Folder,
    pub(crate) variables: BTreeMap<String, String>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let application = Application::new("shop", ACCOUNT, REGION)
            .environment("test", REGION)
            .environment("prod", REGION)
            .workload("api", "Backend Service");
        Self::with(&application, Handshake::AfterTicks(40))
    }

    pub(crate) fn with(application: &Application, handshake: Handshake) -> Self {
        Self::start(application, Options { handshake, ..Options::default() })
    }

    pub(crate) fn start(application: &Application, options: Options) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let clock = Clock::stepping(1_795_474_321_000);
        let options = Options { pace: Pace::PerRequest, clock, ..options };
        let aws = runtime.block_on(LocalAws::start(options)).unwrap();
        aws.create_application(application).unwrap();
        let folder = Folder::workspace();
        folder.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\n");
        folder.write("copilot/pipelines/main/manifest.yml", MANIFEST);
        folder.write("copilot/pipelines/main/buildspec.yml", "version: 0.2\nphases: {}\n");
        let variables = [
            ("AWS_ENDPOINT_URL", aws.endpoint()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", REGION),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { runtime, aws, folder, variables }
    }

    /// With the pipeline deployed, and its connection completed.
    pub(crate) fn deployed() -> Self {
        let cloud = Self::new();
        let done = cloud.run(&["deploy", "--yes"]);
        assert_eq!(done.code, 0, "{done:?}");
        cloud.aws.reset_calls();
        cloud
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        self.run_in(&self.folder.path, arguments, None)
    }

    /// With somebody who gives these answers.
    pub(crate) fn answering(&self, answers: &[&'static str], arguments: &[&str]) -> Done {
        let script = Script(answers.iter().copied().collect());
        self.run_in(&self.folder.path, arguments, Some(Box::new(script)))
    }

    /// In a folder that belongs to no workspace.
    pub(crate) fn elsewhere(&self, arguments: &[&str]) -> Done {
        let folder = Folder::new();
        self.run_in(&folder.path, arguments, None)
    }

    fn run_in(&self, folder: &Utf8Path, arguments: &[&str], prompt: Option<Box<dyn Prompt>>) -> Done {
        let before = self.aws.calls().log().len();
        let done = with(folder, arguments, self.variables.clone(), prompt);
        let after = self.aws.calls();
        crate::permissions::check(arguments, after.log().get(before..).unwrap_or_default());
        done
    }

    pub(crate) fn show(&self, done: &Done) -> String {
        done.shown(&self.folder.path).replace(self.aws.endpoint(), "[ENDPOINT]")
    }

    /// How often each operation was called.
    pub(crate) fn calls(&self) -> String {
        let calls = self.aws.calls().by_operation();
        calls.iter().map(|(operation, count)| format!("{count:4} {operation}")).collect::<Vec<_>>().join("\n")
    }

    async fn session(&self) -> Session {
        let keys = Some(("test".to_owned(), "test".to_owned()));
        let endpoint = Some(Endpoint { url: self.aws.endpoint().to_owned(), keys });
        let options = SessionOptions { region: Some(REGION.into()), endpoint, ..SessionOptions::default() };
        Session::load(options).await.unwrap()
    }

    /// Makes a stack as another program would.
    pub(crate) fn create_stack(&self, name: &str, template: &str, tags: &[(&str, &str)]) {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.create_stack_with(name, template, BTreeMap::new(), tags);
    }

    /// With values of parameters.
    pub(crate) fn create_stack_with(
        &self,
        name: &str,
        template: &str,
        parameters: BTreeMap<String, String>,
        tags: BTreeMap<String, String>,
    ) {
        let change = ChangeSet {
            stack: name.into(),
            template: Template::Body(template.into()),
            parameters,
            tags,
            name: "other".into(),
            recreate: false,
            wait: false,
            manner: Manner::default(),
        };
        let patience = Patience { interval: Duration::from_millis(1), ..Patience::STACK };
        self.runtime.block_on(async {
            let client = stack::client(&self.session().await);
            stack::deploy(&client, &change, patience, &|_| {}).await.unwrap();
        });
    }

    /// A call of the JSON protocol, as another program makes it.
    pub(crate) fn call(&self, service: &str, operation: &str, input: &str) {
        let host = self.aws.endpoint().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let scope = format!("Credential=test/20261123/{REGION}/{service}/aws4_request");
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-Amz-Target: S.{operation}\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0\r\n\r\n{input}",
            input.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    pub(crate) fn stack_status(&self) -> Option<String> {
        self.aws.with_state(|state| Some(state.region(ACCOUNT, REGION).stack(STACK)?.status))
    }

    /// The pipeline's name in CodePipeline.
    pub(crate) fn pipeline(&self) -> String {
        self.aws.with_state(|state| state.region(ACCOUNT, REGION).pipelines().remove(0))
    }

    /// Lets everything come to rest.
    pub(crate) fn settle(&self) {
        for _ in 0..200 {
            self.aws.tick();
        }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
    }
}
