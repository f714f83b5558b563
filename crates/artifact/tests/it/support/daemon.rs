//! A docker daemon and a registry of the tests' own.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use copilot_artifact::{CliEngine, EngineKind};

/// A running daemon with a registry; both end when this is dropped.
pub(crate) struct Daemon {
    dir: tempfile::TempDir,
    pub(crate) client: PathBuf,
    pub(crate) registry: String,
    children: Vec<Child>,
}

impl Daemon {
    /// Starts both. `None`, said aloud, where that is impossible, unless `COPILOT_REQUIRE_ALL` demands it.
    pub(crate) fn start() -> Option<Self> {
        match Self::try_start() {
            Ok(daemon) => Some(daemon),
            Err(why) => {
                let required = std::env::var_os("COPILOT_REQUIRE_ALL").is_some();
                assert!(!required, "a docker daemon is required, but {why}");
                crate::support::say(&format!(
                    "SKIPPED: the tests against a real docker daemon did not run: {why}"
                ));
                None
            }
        }
    }

    fn try_start() -> Result<Self, String> {
        let id = Command::new("id").arg("-u").output().map_err(|e| e.to_string())?;
        if id.stdout != b"0\n" {
            return Err("only root can start one".to_owned());
        }
        for program in ["dockerd", "docker-registry"] {
            let found = Command::new(program).arg("--version").output();
            found.map_err(|e| format!("`{program}` can not be run: {e}"))?;
        }
        let client = client()?;
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let port = free_port();
        let mut daemon = Self { dir, client, registry: format!("127.0.0.1:{port}"), children: Vec::new() };
        daemon.start_registry(port)?;
        daemon.start_dockerd()?;
        Ok(daemon)
    }

    fn start_registry(&mut self, port: u16) -> Result<(), String> {
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
            self.path("registry").display()
        );
        std::fs::write(self.path("registry.yml"), config).map_err(|e| e.to_string())?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(self.path("registry.yml"));
        self.spawn(command, "registry.log")?;
        wait("the registry", || TcpStream::connect(("127.0.0.1", port)).is_ok())
    }

    fn start_dockerd(&mut self) -> Result<(), String> {
        let mut command = Command::new("dockerd");
        command
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=overlay2"])
            .arg("--data-root")
            .arg(self.path("root"))
            .arg("--exec-root")
            .arg(self.path("exec"))
            .arg("-H")
            .arg(self.host())
            .arg("--pidfile")
            .arg(self.path("dockerd.pid"));
        self.spawn(command, "dockerd.log")?;
        let ready = || self.docker(&["info"]).status.success();
        wait("dockerd", ready).map_err(|why| {
            let log = std::fs::read_to_string(self.path("dockerd.log")).unwrap_or_default();
            format!("{why}: {}", log.lines().last().unwrap_or_default())
        })
    }

    fn spawn(&mut self, mut command: Command, log: &str) -> Result<(), String> {
        let log = std::fs::File::create(self.path(log)).map_err(|e| e.to_string())?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.children.push(command.spawn().map_err(|e| e.to_string())?);
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn host(&self) -> String {
        format!("unix://{}", self.path("docker.sock").display())
    }

    /// Runs the client against the daemon.
    pub(crate) fn docker(&self, args: &[&str]) -> std::process::Output {
        Command::new(&self.client)
            .args(args)
            .envs(self.variables())
            .env("DOCKER_BUILDKIT", "1")
            .output()
            .unwrap()
    }

    /// The variables that lead a client to the daemon.
    pub(crate) fn variables(&self) -> [(String, String); 2] {
        let config = self.path("config").display().to_string();
        [("DOCKER_HOST".to_owned(), self.host()), ("DOCKER_CONFIG".to_owned(), config)]
    }

    /// The engine under test.
    pub(crate) fn engine(&self) -> CliEngine {
        let engine = CliEngine::new(EngineKind::Docker, &self.client);
        self.variables().into_iter().fold(engine, |engine, (name, value)| engine.env(name, value))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The daemon unmounts and ends its containers when it is asked to, not when it is killed.
        for child in &mut self.children {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
        }
        for child in &mut self.children {
            let _ = wait("the end", || child.try_wait().is_ok_and(|status| status.is_some()));
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A client that builds with BuildKit: several may be installed, and one without its plugin does not.
fn client() -> Result<PathBuf, String> {
    let with_buildkit = |path: &&Path| {
        let run = |args: &[&str]| Command::new(path).args(args).output();
        let version = run(&["--version"]).map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
        let is_old = version.is_ok_and(|v| ["version 19.", "version 20."].iter().any(|old| v.contains(old)));
        is_old || run(&["buildx", "version"]).is_ok_and(|o| o.status.success())
    };
    let paths = [Path::new("docker"), Path::new("/usr/bin/docker"), Path::new("/usr/local/bin/docker")];
    let found = paths.into_iter().find(with_buildkit).map(Path::to_owned);
    found.ok_or_else(|| "no docker client with BuildKit was found".to_owned())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait(what: &str, mut ready: impl FnMut() -> bool) -> Result<(), String> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if ready() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("{what} was not ready in time"))
}
