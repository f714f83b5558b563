//! A container engine, which runs the containers of tasks for real.

mod archive;
mod command;
mod follow;
mod plan;
mod session;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread::JoinHandle;

use camino::Utf8PathBuf;

pub(crate) use follow::{Follower, Stage};
pub(crate) use session::Session;

use super::model::Task;
use crate::core::ids::sha256_hex;
use crate::core::options::Options;
use crate::core::world::World;

/// The label of containers that a local AWS runs. Its value names the state that they belong to.
const LABEL: &str = "copilot-local-aws";

/// A container engine: docker, or what takes the same arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Its program.
    pub program: Utf8PathBuf,
    /// All environment variables that the program gets.
    pub variables: BTreeMap<String, String>,
    /// Whether containers run on when the server stops, for the next one with the same state directory to find them.
    /// Otherwise they are removed.
    pub keep: bool,
}

/// How containers reach each other and are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// Each task has a network of its own; its ports are mapped to free ones of loopback.
    Bridge,
    /// The engine has no bridge: containers use the machine's network, and so the ports that they listen on.
    Host,
}

/// An engine that answers.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) engine: Engine,
    pub(super) network: Network,
    /// Of images that fit, such as `amd64`.
    pub(super) architecture: String,
    /// The value of the label.
    pub(super) mark: String,
}

/// The engine, and what is known of the containers that it runs.
#[derive(Debug)]
pub(crate) struct Containers {
    setup: Result<Setup, String>,
    version: String,
    followed: HashMap<String, Vec<Arc<Follower>>>,
    /// What the engine is doing, and has to do before this process ends.
    jobs: Vec<JoinHandle<()>>,
}

impl Containers {
    /// Asks the engine of the options whether it is there.
    pub(crate) fn new(options: &Options) -> Self {
        let none = "the local AWS was given no container engine";
        let mark = match &options.state_dir {
            Some(dir) => sha256_hex(dir.as_str().as_bytes()),
            None => sha256_hex(format!("{} {}", options.seed, std::process::id()).as_bytes()),
        };
        let asked = options.engine.as_ref().ok_or_else(|| none.to_owned());
        let asked = asked.and_then(|engine| command::ask(engine, &mark[..16]));
        let (setup, version) = match asked {
            Ok((setup, version)) => (Ok(setup), version),
            Err(why) => (Err(why), String::new()),
        };
        Self { setup, version, followed: HashMap::new(), jobs: Vec::new() }
    }

    /// What runs containers, or why nothing does.
    pub(crate) fn about(&self) -> Result<String, String> {
        let setup = self.setup.as_ref().map_err(Clone::clone)?;
        let name = setup.engine.program.file_name().unwrap_or("engine");
        let network = if setup.network == Network::Host { ", on the machine's network" } else { "" };
        Ok(format!("{name} {}{network}", self.version))
    }

    /// Whether containers are run.
    pub(crate) fn ready(&self) -> bool {
        self.setup.is_ok()
    }

    /// Has something done that takes a while.
    fn set_about(&mut self, job: impl FnOnce(&Setup) + Send + 'static) {
        self.jobs.retain(|job| !job.is_finished());
        if let Ok(setup) = self.setup.clone() {
            self.jobs.push(std::thread::spawn(move || job(&setup)));
        }
    }

    /// Removes all containers, unless they are to stay. What is being stopped or removed is waited for.
    pub(crate) fn end(&mut self) {
        for job in self.jobs.drain(..) {
            // One that panicked has nothing left to be waited for.
            let _ = job.join();
        }
        for follower in self.followed.values().flatten() {
            follower.leave();
        }
        if let Ok(setup) = &self.setup
            && !setup.engine.keep
            && !self.followed.is_empty()
        {
            command::remove_all(setup);
        }
        self.followed.clear();
    }
}

/// Why none of these images can be run, if the registry here, which they are named after, lacks one of them: builds of the
/// local AWS make no images.
pub(super) fn missing(world: &World, scope: &str, images: &[String]) -> Option<String> {
    let setup = world.containers.setup.as_ref().ok()?;
    let lacks = |image: &&String| archive::of(world, scope, image, &setup.architecture).is_err();
    images.iter().find(lacks).map(|image| format!("nobody has pushed {image}"))
}

/// Has the engine start the containers of a task.
pub(super) fn start(world: &mut World, scope: &str, task: &mut Task) {
    let Ok(setup) = world.containers.setup.clone() else { return };
    let plans = match plan::of(world, scope, task, &setup) {
        Ok(plans) => plans,
        Err(reason) => {
            let failed = Arc::new(Follower::failed(reason));
            world.containers.followed.insert(task.arn.clone(), vec![failed]);
            return;
        }
    };
    for (container, plan) in task.containers.iter_mut().zip(&plans) {
        container.runtime = Some(plan.name.clone());
    }
    let followers: Vec<Arc<Follower>> =
        plans.iter().map(|plan| Arc::new(Follower::new(&plan.name))).collect();
    world.containers.followed.insert(task.arn.clone(), followers.clone());
    std::thread::spawn(move || follow::run(&setup, &plans, &followers));
}

/// Those who watch the containers of a task. Containers that another process has started are found by their names.
pub(super) fn followers(world: &mut World, task: &Task) -> Vec<Arc<Follower>> {
    if let Some(known) = world.containers.followed.get(&task.arn) {
        return known.clone();
    }
    let Ok(setup) = world.containers.setup.clone() else { return Vec::new() };
    let adopt = |container: &super::model::Container| {
        let follower = Follower::new(container.runtime.as_ref()?);
        if container.checked {
            follower.seen().health = "starting".into();
        }
        Some(Arc::new(follower))
    };
    let followers: Vec<Arc<Follower>> = task.containers.iter().filter_map(adopt).collect();
    for follower in followers.clone() {
        let setup = setup.clone();
        std::thread::spawn(move || follow::watch(&setup, &follower));
    }
    world.containers.followed.insert(task.arn.clone(), followers.clone());
    followers
}

/// Has the engine stop the containers of a task.
pub(super) fn stop(world: &mut World, task: &Task) {
    let names: Vec<String> =
        task.containers.iter().filter_map(|container| container.runtime.clone()).collect();
    world.containers.set_about(move |setup| command::stop(setup, &names));
}

/// Has the engine forget the containers of a task that is over.
pub(super) fn remove(world: &mut World, task: &Task) {
    world.containers.followed.remove(&task.arn);
    let names: Vec<String> =
        task.containers.iter().filter_map(|container| container.runtime.clone()).collect();
    world.containers.set_about(move |setup| command::remove(setup, &names));
}

/// What runs a command in a container, if containers are run.
pub(super) fn exec(world: &World, container: &str, command: &str) -> Result<std::process::Command, String> {
    let setup = world.containers.setup.as_ref().map_err(Clone::clone)?;
    let mut words = vec!["exec".to_owned(), "--interactive".to_owned(), container.to_owned()];
    words.extend(session::words(command));
    Ok(command::command(&setup.engine, &words))
}
