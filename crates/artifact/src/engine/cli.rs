//! docker, podman and finch by their command line.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::args::build_args;
use super::output::{build_error, pushed_digest, registry_error, repository_digest};
use super::runner::{Finished, Invocation};
use super::{BuildRequest, Call, Engine, EngineInfo};
use crate::{Credentials, Error, SecretSource};

/// How long a daemon may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// The engines whose command line is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EngineKind {
    /// Docker, the default.
    Docker,
    /// Podman.
    Podman,
    /// Finch, and `nerdctl` as it speaks.
    Finch,
}

impl EngineKind {
    /// The name of the program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Finch => "finch",
        }
    }

    /// The kind that a program's name tells; docker for any other name.
    pub fn of_program(program: &Path) -> Self {
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        [Self::Podman, Self::Finch]
            .into_iter()
            .find(|kind| name.starts_with(kind.program()))
            .unwrap_or(if name.starts_with("nerdctl") { Self::Finch } else { Self::Docker })
    }
}

/// An engine by its command line.
#[derive(Debug)]
pub struct CliEngine {
    kind: EngineKind,
    program: PathBuf,
    name: String,
    env: Vec<(String, String)>,
    /// `Some` if the caller decided for or against BuildKit.
    buildkit: Option<bool>,
    helpers: CredentialHelpers,
    info: OnceCell<EngineInfo>,
}

impl CliEngine {
    /// An engine by the name or path of its program.
    pub fn new(kind: EngineKind, program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        let name = program.display().to_string();
        Self {
            kind,
            program,
            name,
            env: Vec::new(),
            buildkit: None,
            helpers: CredentialHelpers::default(),
            info: OnceCell::new(),
        }
    }

    /// Sets a variable for every command, such as `DOCKER_HOST`. The rest of the environment is inherited.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Decides for or against BuildKit; `None` finds out. The user's `DOCKER_BUILDKIT` belongs here.
    #[must_use]
    pub fn buildkit(mut self, choice: Option<bool>) -> Self {
        self.buildkit = choice;
        self
    }

    /// Reads docker's `config.json`, or the older `.dockercfg`: registries with the ECR credential helper need no
    /// log-in. The first of the paths that can be read counts.
    #[must_use]
    pub fn docker_config(mut self, paths: &[PathBuf]) -> Self {
        self.helpers = CredentialHelpers::read(paths);
        self
    }

    async fn run(&self, args: &[&str], call: &Call) -> Result<Finished, Error> {
        self.invocation(args).run(call).await
    }

    fn invocation(&self, args: &[&str]) -> Invocation {
        Invocation {
            program: self.program.clone(),
            args: args.iter().map(Into::into).collect(),
            env: self.env.clone(),
            ..Invocation::default()
        }
    }

    async fn ask(&self, call: &Call) -> Result<EngineInfo, Error> {
        let down = |reason: String| Error::EngineDown { program: self.name.clone(), reason };
        let quiet = Call::quiet(call.cancel.clone());
        let info = self.invocation(&["info", "--format", "{{json .}}"]);
        let answer = tokio::time::timeout(PATIENCE, info.run(&quiet))
            .await
            .map_err(|_| down(format!("no answer within {} seconds", PATIENCE.as_secs())))??;
        // A line that is too long arrives in pieces.
        let text = answer.stdout.concat();
        let json = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
        let info: Value = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        if let Some(errors) = info["ServerErrors"].as_array().filter(|e| !e.is_empty()) {
            let errors: Vec<_> = errors.iter().filter_map(Value::as_str).collect();
            return Err(down(errors.join("; ")));
        }
        if !answer.success {
            return Err(down(answer.reason()));
        }
        let first = |keys: [&str; 2]| keys.iter().find_map(|key| info.pointer(key)?.as_str());
        // Podman nests what docker and finch have at the top.
        let os = first(["/OSType", "/host/os"]);
        let arch = first(["/Architecture", "/host/arch"]);
        let (Some(os), Some(arch)) = (os, arch) else {
            return Err(Error::EngineAnswer { program: self.name.clone(), command: "info", answer: text });
        };
        let arch = match arch {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let buildkit = self.uses_buildkit(&quiet).await?;
        Ok(EngineInfo { os: os.to_owned(), arch: arch.to_owned(), buildkit })
    }

    /// Docker up to 22 has BuildKit in the daemon; later ones need the buildx plugin and refuse without it.
    async fn uses_buildkit(&self, call: &Call) -> Result<bool, Error> {
        match (self.kind, self.buildkit) {
            (_, Some(choice)) => Ok(choice),
            // Both mount secrets and have no second builder.
            (EngineKind::Finch | EngineKind::Podman, None) => Ok(true),
            (EngineKind::Docker, None) => {
                if self.run(&["buildx", "version"], call).await?.success {
                    return Ok(true);
                }
                let version = self.run(&["version", "--format", "{{.Client.Version}}"], call).await?;
                let major = version.stdout.first().and_then(|v| v.split('.').next()?.parse::<u32>().ok());
                Ok(major.is_some_and(|major| (19..23).contains(&major)))
            }
        }
    }

    async fn build_image(&self, request: BuildRequest<'_>, call: &Call) -> Result<(), Error> {
        let info = self.check(call).await?;
        if !info.buildkit && !request.spec.secrets.is_empty() {
            return Err(Error::BuildKitNeeded { image: request.image.to_owned() });
        }
        let built = build_args(self.kind, info.buildkit, &request);
        let mut invocation = self.invocation(&[]);
        invocation.args = built.args;
        invocation.env.extend(built.env);
        if self.kind == EngineKind::Docker {
            invocation.env.push(("DOCKER_BUILDKIT".into(), u8::from(info.buildkit).to_string()));
            // An attestation makes the image an index, with a digest of its own for every build.
            invocation.env.push(("BUILDX_NO_DEFAULT_ATTESTATIONS".into(), "1".into()));
        }
        invocation.secrets.extend(request.spec.secrets.iter().filter_map(|secret| match &secret.source {
            SecretSource::Value(value) => Some(value.clone()),
            SecretSource::Env(_) | SecretSource::File(_) => None,
        }));
        let finished = invocation.run(call).await?;
        if finished.success { Ok(()) } else { Err(build_error(request.image, &finished)) }
    }

    async fn push_image(&self, reference: &str, call: &Call) -> Result<Option<String>, Error> {
        let finished = self.run(&["push", reference], call).await?;
        if !finished.success {
            return Err(registry_error("pushing", reference, &finished));
        }
        if let Some(digest) = pushed_digest(&finished.lines) {
            return Ok(Some(digest));
        }
        let quiet = Call::quiet(call.cancel.clone());
        let inspected =
            self.run(&["image", "inspect", "--format", "{{json .RepoDigests}}", reference], &quiet).await?;
        let digests: Vec<String> = serde_json::from_str(&inspected.stdout.join("")).unwrap_or_default();
        let repository = reference.rsplit_once(':').map_or(reference, |(repository, _)| repository);
        Ok(repository_digest(&digests, repository))
    }
}

impl Engine for CliEngine {
    fn name(&self) -> &str {
        &self.name
    }

    fn check<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<EngineInfo, Error>> {
        Box::pin(async move { self.info.get_or_try_init(|| self.ask(call)).await.cloned() })
    }

    fn logs_in_by_itself(&self, host: &str) -> bool {
        self.helpers.cover(host)
    }

    fn login<'a>(
        &'a self,
        host: &'a str,
        credentials: &'a Credentials,
        call: &'a Call,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut invocation =
                self.invocation(&["login", "-u", &credentials.user, "--password-stdin", host]);
            invocation.stdin = Some(credentials.password.clone());
            invocation.secrets = vec![credentials.password.clone()];
            let finished = invocation.run(&Call::quiet(call.cancel.clone())).await?;
            if finished.success {
                return Ok(());
            }
            match registry_error("logging in to", host, &finished) {
                Error::TokenExpired { registry, reason }
                | Error::RegistryRefused { reference: registry, reason } => {
                    Err(Error::LoginRefused { registry, reason })
                }
                other => Err(other),
            }
        })
    }

    fn build<'a>(&'a self, request: BuildRequest<'a>, call: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.build_image(request, call))
    }

    fn tag<'a>(&'a self, image: &'a str, name: &'a str, call: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let finished = self.run(&["tag", image, name], call).await?;
            if finished.success {
                return Ok(());
            }
            let answer = finished.reason();
            Err(Error::EngineAnswer { program: self.name.clone(), command: "tag", answer })
        })
    }

    fn pull<'a>(&'a self, reference: &'a str, call: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let finished = self.run(&["pull", reference], call).await?;
            if finished.success { Ok(()) } else { Err(registry_error("pulling", reference, &finished)) }
        })
    }

    fn push<'a>(
        &'a self,
        reference: &'a str,
        call: &'a Call,
    ) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(self.push_image(reference, call))
    }

    fn image_id<'a>(
        &'a self,
        image: &'a str,
        call: &'a Call,
    ) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(async move {
            let quiet = Call::quiet(call.cancel.clone());
            let finished = self.run(&["image", "inspect", "--format", "{{.Id}}", image], &quiet).await?;
            let id = finished.stdout.first().map(|id| id.trim()).filter(|_| finished.success);
            // Podman leaves the algorithm out.
            Ok(id.map(|id| if id.contains(':') { id.to_owned() } else { format!("sha256:{id}") }))
        })
    }

    fn save<'a>(
        &'a self,
        image: &'a str,
        file: &'a Path,
        call: &'a Call,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut invocation = self.invocation(&["save", "-o"]);
            invocation.args.extend([file.into(), image.into()]);
            let finished = invocation.run(call).await?;
            if finished.success {
                return Ok(());
            }
            let answer = finished.reason();
            if answer.contains("no space left on device") {
                return Err(Error::DiskFull { what: answer });
            }
            Err(Error::EngineAnswer { program: self.name.clone(), command: "save", answer })
        })
    }
}

/// The first engine that answers, of docker, finch and podman, as `configure` sets it up. If none does, the error is
/// docker's, or that of the one that is installed but does not answer.
pub async fn detect(configure: impl Fn(CliEngine) -> CliEngine, call: &Call) -> Result<CliEngine, Error> {
    let mut errors = Vec::new();
    for kind in [EngineKind::Docker, EngineKind::Finch, EngineKind::Podman] {
        let engine = configure(CliEngine::new(kind, kind.program()));
        match engine.check(call).await {
            Ok(_) => return Ok(engine),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => errors.push(error),
        }
    }
    errors.sort_by_key(|error| matches!(error, Error::EngineMissing { .. }));
    Err(errors.swap_remove(0))
}

/// Which registries docker's configuration leaves to the ECR credential helper.
#[derive(Debug, Default)]
struct CredentialHelpers {
    all: bool,
    hosts: HashMap<String, String>,
}

impl CredentialHelpers {
    const ECR: &'static str = "ecr-login";

    fn read(paths: &[PathBuf]) -> Self {
        let config = paths.iter().find_map(|path| {
            let text = fs_err::read(path).ok()?;
            serde_json::from_slice::<Value>(&text).ok()
        });
        let Some(config) = config else { return Self::default() };
        let hosts = config["credHelpers"].as_object().into_iter().flatten();
        Self {
            all: config["credsStore"] == Self::ECR,
            hosts: hosts.filter_map(|(host, name)| Some((host.clone(), name.as_str()?.to_owned()))).collect(),
        }
    }

    fn cover(&self, host: &str) -> bool {
        // A helper of the host's own goes before the store for all.
        self.hosts.get(host).map_or(self.all, |name| name == Self::ECR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ecr_helper_makes_a_login_unnecessary() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("config.json");
        let cover = |text: &str, host: &str| {
            std::fs::write(&config, text).unwrap();
            CredentialHelpers::read(&[dir.path().join("none"), config.clone()]).cover(host)
        };
        assert!(cover(r#"{"credsStore": "ecr-login"}"#, "h"));
        assert!(cover(r#"{"credHelpers": {"h": "ecr-login"}}"#, "h"));
        assert!(!cover(r#"{"credHelpers": {"h": "ecr-login"}}"#, "other"));
        assert!(!cover(r#"{"credsStore": "ecr-login", "credHelpers": {"h": "desktop"}}"#, "h"));
        assert!(!cover("not json", "h"));
    }

    #[test]
    fn a_programs_name_tells_its_kind() {
        for (program, kind) in [
            ("/usr/bin/podman", EngineKind::Podman),
            ("podman-remote", EngineKind::Podman),
            ("finch", EngineKind::Finch),
            ("nerdctl", EngineKind::Finch),
            ("/opt/docker", EngineKind::Docker),
        ] {
            assert_eq!(EngineKind::of_program(Path::new(program)), kind, "{program}");
        }
    }
}
