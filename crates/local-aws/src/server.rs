//! Starting, looking into and stopping a local AWS.

use std::sync::{Arc, Mutex};

use camino::Utf8Path;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::core::blobs::Blobs;
use crate::core::calls::Calls;
use crate::core::faults::{Fault, Faults, ResourceFault};
use crate::core::ids::Ids;
use crate::core::options::Options;
use crate::core::state::State;
use crate::core::store::Store;
use crate::core::world::{World, hold};
use crate::error::Error;
use crate::http::listen::serve;
use crate::services::cloudformation::Invocations;
use crate::services::ecs::Containers;

/// A running local AWS. It stops when it is dropped; [`LocalAws::stop`] also says whether its state is saved.
///
/// Several, also in several processes, can have the same state directory: each sees what the others do.
#[derive(Debug)]
pub struct LocalAws {
    world: Arc<Mutex<World>>,
    endpoint: String,
    tasks: Vec<JoinHandle<()>>,
}

impl LocalAws {
    /// Starts listening and, with a state directory, carries on from what is saved there.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let store = options.state_dir.as_deref().map(Store::open).transpose()?;
        let mut listeners = Vec::new();
        for addr in std::iter::once(options.addr).chain(options.more_addrs.iter().copied()) {
            let failed = |source| Error::Listen { addr, source };
            listeners.push(TcpListener::bind(addr).await.map_err(failed)?);
        }
        let addr = options.addr;
        let bound = listeners[0].local_addr().map_err(|source| Error::Listen { addr, source })?;
        let endpoint = format!("http://{bound}");
        let blobs = Blobs::new(options.state_dir.as_deref()).map_err(|source| Error::StateDir {
            dir: options.state_dir.clone().unwrap_or_default(),
            source,
        })?;
        let mut world = World {
            state: State::new(Ids::new(options.seed)),
            blobs,
            faults: Faults::new(options.seed),
            calls: Calls::default(),
            requests: Ids::new(options.seed.wrapping_add(1)),
            containers: Containers::new(&options),
            options,
            endpoint: endpoint.clone(),
            dirty: false,
            store,
            invocations: Invocations::default(),
            trouble: None,
            past: None,
        };
        world.read_first()?;
        let world = Arc::new(Mutex::new(world));
        let listen = |listener| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                serve(listener, world).await;
            })
        };
        let tasks = listeners.into_iter().map(listen).collect();
        Ok(Self { world, endpoint, tasks })
    }

    /// Whether a state directory has a state to carry on from.
    pub fn has_state(dir: &Utf8Path) -> bool {
        Store::has_state(dir)
    }

    /// `http://127.0.0.1:PORT`: the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The access key with which requests have to be signed, if not any will do.
    pub fn access_key(&self) -> Option<String> {
        hold(&self.world).options.access_key.clone()
    }

    pub(crate) fn world(&self) -> &Mutex<World> {
        &self.world
    }

    /// Looks into the state, or changes it, between two requests.
    pub fn with_state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        let mut world = hold(&self.world);
        world.dirty = true;
        look(&mut world.state)
    }

    /// The region of callers who do not say otherwise.
    pub fn region(&self) -> String {
        let world = hold(&self.world);
        world.state.home.as_ref().map_or(&world.options.region, |(_, region)| region).clone()
    }

    /// The bytes of an object in a bucket.
    pub fn object(&self, bucket: &str, key: &str) -> Option<bytes::Bytes> {
        let world = hold(&self.world);
        let digest = world.state.buckets.get(bucket)?.current(key)?.blob.clone();
        world.blobs.get(&digest)
    }

    /// Puts an object into a bucket as a client does that sends no checksum. False if there is no such bucket, or no room.
    pub fn put_object(&self, bucket: &str, key: &str, content: &[u8]) -> bool {
        let content = bytes::Bytes::copy_from_slice(content);
        crate::services::s3::put_object(&mut hold(&self.world), bucket, key, &content)
    }

    /// What runs the containers of ECS tasks, or why nothing does: then tasks are pretended, and say so in their attributes and
    /// their logs.
    pub fn containers(&self) -> Result<String, String> {
        hold(&self.world).containers.about()
    }

    /// Moves stacks, builds, executions and connections on by one step; whether anything moved.
    pub fn tick(&self) -> bool {
        hold(&self.world).tick()
    }

    /// The calls so far.
    pub fn calls(&self) -> Calls {
        hold(&self.world).calls.clone()
    }

    /// Starts counting calls anew.
    pub fn reset_calls(&self) {
        hold(&self.world).calls.clear();
    }

    /// Adds a rule that makes requests fail. Rules are tried in the order in which they were added.
    pub fn inject(&self, fault: Fault) {
        hold(&self.world).faults.requests.push(fault);
    }

    /// Adds a rule that makes a resource of a stack fail.
    pub fn inject_resource(&self, fault: ResourceFault) {
        hold(&self.world).faults.resources.push(fault);
    }

    /// Removes all rules.
    pub fn clear_faults(&self) {
        let mut world = hold(&self.world);
        world.faults.requests.clear();
        world.faults.resources.clear();
    }

    /// Writes the state to the state directory, if there is one. What requests change is written right away; this says
    /// whether that worked.
    pub fn save(&self) -> Result<(), Error> {
        hold(&self.world).dirty = true;
        let mut world = self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        world.trouble.take().map_or(Ok(()), Err)
    }

    /// Stops answering and saves.
    pub async fn stop(mut self) -> Result<(), Error> {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // Aborted tasks end in an error, which is what was wanted.
            let _ = task.await;
        }
        hold(&self.world).containers.end();
        self.save()
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner).containers.end();
    }
}
