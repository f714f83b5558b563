//! Everything one request can see and change.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::blobs::Blobs;
use super::calls::Calls;
use super::faults::Faults;
use super::ids::Ids;
use super::options::{Options, Pace, RegistryNames};
use super::state::State;
use super::store::{Entered, Store};
use crate::error::Error;
use crate::services::{self, cloudformation, ecs};

/// How many steps are caught up at once: what goes on by itself comes to rest in fewer.
const CATCH_UP: i64 = 1000;

/// The whole of a local AWS, behind one lock: a request sees either all or nothing of another one.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) blobs: Blobs,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) options: Options,
    /// `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    /// Names of requests. They are not made from the state's names, which so don't depend on how often somebody asks.
    pub(crate) requests: Ids,
    /// Whether the state has changed since it was last saved.
    pub(crate) dirty: bool,
    pub(crate) store: Option<Store>,
    /// Functions that this process runs. Others that share the state run their own.
    pub(crate) invocations: cloudformation::Invocations,
    /// What runs containers of tasks, and those that this process watches.
    pub(crate) containers: ecs::Containers,
    /// Why the state could not be read or saved.
    pub(crate) trouble: Option<Error>,
    /// The time in which the world is while it catches up, in milliseconds since 1970.
    pub(crate) past: Option<i64>,
}

/// The world while it is ours: with the newest state, which is saved in the end if it has changed.
pub(crate) struct Held<'a>(MutexGuard<'a, World>);

/// Takes hold of the world; a panic of another request does not take the server down.
pub(crate) fn hold(world: &Mutex<World>) -> Held<'_> {
    let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
    world.enter();
    Held(world)
}

impl Deref for Held<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.0
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl World {
    pub(crate) fn now(&self) -> i64 {
        self.past.unwrap_or_else(|| self.options.clock.now())
    }

    /// Reads the saved state, if there is one.
    pub(crate) fn read_first(&mut self) -> Result<(), Error> {
        self.enter();
        self.leave();
        self.trouble.take().map_or(Ok(()), Err)
    }

    fn enter(&mut self) {
        self.trouble = None;
        if let Some(store) = &mut self.store {
            match store.enter() {
                Ok(Entered::Same) => {}
                Ok(Entered::Changed(state)) => {
                    self.state = *state;
                    self.dirty = false;
                }
                Ok(Entered::Empty) => {
                    self.state = State::new(Ids::new(self.options.seed));
                    self.dirty = false;
                }
                Err(error) => {
                    self.trouble = Some(error);
                    return;
                }
            }
        }
        if let Pace::Every(time) = self.options.pace {
            self.catch_up(i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(1));
        }
    }

    fn leave(&mut self) {
        if std::thread::panicking() {
            // Whatever the request had done so far is not to be seen.
            if let Some(store) = &mut self.store {
                store.forget();
            }
        } else {
            self.settle();
        }
        if let Some(store) = &self.store {
            store.leave();
        }
    }

    /// Saves what has changed. `false` if that can't be done, for the reason in `trouble`: then nothing has changed, and the
    /// state that was saved last is read again next time.
    pub(crate) fn settle(&mut self) -> bool {
        let Some(store) = &mut self.store else { return true };
        if self.dirty && self.trouble.is_none() {
            if let Err(error) = store.save(&self.state) {
                store.forget();
                self.trouble = Some(error);
            }
            self.dirty = false;
        }
        self.trouble.is_none()
    }

    /// Takes the steps that were due since somebody last looked, `interval` milliseconds apart.
    fn catch_up(&mut self, interval: i64) {
        let now = self.options.clock.now();
        let last = if self.state.moved_at == 0 { now } else { self.state.moved_at };
        let due = (now - last) / interval;
        self.state.moved_at = last + due.max(0) * interval;
        for step in 0..due.min(CATCH_UP) {
            self.past = Some(last + (step + 1) * interval);
            if !self.tick() {
                break;
            }
        }
        self.past = None;
    }

    /// Moves stacks, builds, executions and connections on by one step; whether anything moved.
    pub(crate) fn tick(&mut self) -> bool {
        let moved = services::tick(self);
        self.dirty |= moved;
        moved
    }

    /// `host/name` under which the image repository `name` is addressed.
    pub(crate) fn repository_uri(&self, account: &str, region: &str, name: &str) -> String {
        format!("{}/{name}", self.registry_host(account, region))
    }

    /// The registry's host name, with the port if it is loopback.
    pub(crate) fn registry_host(&self, account: &str, region: &str) -> String {
        match self.options.registry_names {
            RegistryNames::Aws => {
                let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                format!("{account}.dkr.ecr.{region}.{suffix}")
            }
            RegistryNames::Loopback => {
                self.endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned()
            }
        }
    }
}
