//! Starting, looking into and stopping a local AWS.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::core::blobs::Blobs;
use crate::core::calls::Calls;
use crate::core::faults::{Fault, Faults, ResourceFault};
use crate::core::ids::Ids;
use crate::core::options::{Options, Pace};
use crate::core::state::State;
use crate::core::store::Store;
use crate::core::world::World;
use crate::error::Error;
use crate::http::listen::{lock, serve};

/// How long a change stays unsaved at most.
const SAVE_EVERY: Duration = Duration::from_millis(100);

/// A running local AWS. It stops and saves its state when it is dropped; [`LocalAws::stop`] also says whether it could.
#[derive(Debug)]
pub struct LocalAws {
    world: Arc<Mutex<World>>,
    store: Option<Arc<Store>>,
    endpoint: String,
    tasks: Vec<JoinHandle<()>>,
}

impl LocalAws {
    /// Starts listening and, with a state directory, carries on from what is saved there.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let store = options.state_dir.as_deref().map(Store::open).transpose()?.map(Arc::new);
        let state = match &store {
            Some(store) => store.load(options.seed)?,
            None => State::new(Ids::new(options.seed)),
        };
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
        if let Some(store) = &store {
            store.announce(&endpoint)?;
        }
        let pace = options.pace;
        let world = Arc::new(Mutex::new(World {
            state,
            blobs,
            faults: Faults::new(options.seed),
            calls: Calls::default(),
            options,
            endpoint: endpoint.clone(),
            dirty: false,
        }));
        let mut tasks = Vec::new();
        for listener in listeners {
            let world = Arc::clone(&world);
            tasks.push(tokio::spawn(async move {
                serve(listener, world).await;
            }));
        }
        if let Pace::Every(time) = pace {
            tasks.push(tokio::spawn(ticking(Arc::clone(&world), time)));
        }
        if let Some(store) = &store {
            tasks.push(tokio::spawn(saving(Arc::clone(&world), Arc::downgrade(store))));
        }
        Ok(Self { world, store, endpoint, tasks })
    }

    /// `http://127.0.0.1:PORT`: the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn world(&self) -> &Mutex<World> {
        &self.world
    }

    /// Looks into the state, or changes it, between two requests.
    pub fn with_state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        let mut world = lock(&self.world);
        world.dirty = true;
        look(&mut world.state)
    }

    /// The bytes of an object in a bucket.
    pub fn object(&self, bucket: &str, key: &str) -> Option<bytes::Bytes> {
        let world = lock(&self.world);
        let digest = world.state.buckets.get(bucket)?.current(key)?.blob.clone();
        world.blobs.get(&digest)
    }

    /// Moves stacks, builds, executions and connections on by one step.
    pub fn tick(&self) {
        lock(&self.world).tick();
    }

    /// The calls so far.
    pub fn calls(&self) -> Calls {
        lock(&self.world).calls.clone()
    }

    /// Starts counting calls anew.
    pub fn reset_calls(&self) {
        lock(&self.world).calls.clear();
    }

    /// Adds a rule that makes requests fail. Rules are tried in the order in which they were added.
    pub fn inject(&self, fault: Fault) {
        lock(&self.world).faults.requests.push(fault);
    }

    /// Adds a rule that makes a resource of a stack fail.
    pub fn inject_resource(&self, fault: ResourceFault) {
        lock(&self.world).faults.resources.push(fault);
    }

    /// Removes all rules.
    pub fn clear_faults(&self) {
        let mut world = lock(&self.world);
        world.faults.requests.clear();
        world.faults.resources.clear();
    }

    /// Writes the state to the state directory, if there is one.
    pub fn save(&self) -> Result<(), Error> {
        match &self.store {
            Some(store) => save(&self.world, store, true),
            None => Ok(()),
        }
    }

    /// Stops answering and saves.
    pub async fn stop(mut self) -> Result<(), Error> {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // Aborted tasks end in an error, which is what was wanted.
            let _ = task.await;
        }
        self.save()
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        if let Some(store) = &self.store {
            // Who wants to know whether it could be saved calls `stop`.
            let _ = save(&self.world, store, false);
        }
    }
}

async fn ticking(world: Arc<Mutex<World>>, time: Duration) {
    let mut interval = tokio::time::interval(time.max(Duration::from_millis(1)));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        lock(&world).tick();
    }
}

async fn saving(world: Arc<Mutex<World>>, store: Weak<Store>) {
    let mut interval = tokio::time::interval(SAVE_EVERY);
    loop {
        interval.tick().await;
        let Some(store) = store.upgrade() else { return };
        // A disk that is full now may not be full later; `stop` reports what remains.
        let _ = save(&world, &store, false);
    }
}

fn save(world: &Mutex<World>, store: &Store, always: bool) -> Result<(), Error> {
    let mut world = lock(world);
    if !world.dirty && !always {
        return Ok(());
    }
    let bytes = serde_json::to_vec(&world.state).map_err(|source| Error::Unreadable {
        file: world.options.state_dir.clone().unwrap_or_default(),
        source,
    })?;
    store.save(&bytes)?;
    world.dirty = false;
    Ok(())
}
