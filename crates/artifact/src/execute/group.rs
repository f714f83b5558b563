//! Images of a plan that are the same image.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Options;
use crate::{BuildSpec, Cancel, Error, Identity, ImageRequest, Plan};

/// One image to be built, and everything that it should become.
#[derive(Debug)]
pub(super) struct Group {
    /// Its name in messages and events, unique in a run.
    pub(super) label: String,
    pub(super) environments: Vec<String>,
    pub(super) spec: BuildSpec,
    pub(super) identity: Identity,
    /// Positions of the requests in the plan.
    pub(super) requests: Vec<usize>,
    pub(super) targets: Vec<Target>,
}

/// A repository that an image should be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) repository: String,
    pub(super) tags: Vec<String>,
}

impl Group {
    /// The reference of the image by its identity.
    pub(super) fn identity_reference(&self, repository: &str) -> String {
        format!("{repository}:{}", self.identity.tag())
    }

    /// All names of the image in a repository: the tags that users expect, then the identity.
    pub(super) fn names(&self, target: &Target) -> Vec<String> {
        let tags = target.tags.iter().map(|tag| format!("{}:{tag}", target.repository));
        tags.chain([self.identity_reference(&target.repository)]).collect()
    }
}

/// Hashes the images of a plan and puts together those that are the same. Blocks.
pub(super) fn group(plan: &Plan, options: &Options, cancel: &Cancel) -> Result<Vec<Group>, Error> {
    let mut identities: Vec<(&BuildSpec, Identity)> = Vec::new();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut order = Vec::new();
    for (index, request) in plan.images().iter().enumerate() {
        let known = identities.iter().find(|(spec, _)| **spec == request.build);
        let identity = if let Some((_, identity)) = known {
            identity.clone()
        } else {
            let identity = request.build.identity(&options.host_platform, options.hashing_threads, cancel)?;
            identities.push((&request.build, identity.clone()));
            identity
        };
        let hash = identity.hash.clone();
        let group = groups.entry(hash.clone()).or_insert_with(|| {
            order.push(hash);
            Group {
                label: request.id.to_string(),
                environments: Vec::new(),
                spec: request.build.clone(),
                identity,
                requests: Vec::new(),
                targets: Vec::new(),
            }
        });
        group.add(index, request);
    }
    let mut groups: Vec<_> = order.iter().filter_map(|hash| groups.remove(hash)).collect();
    settle_tags(&mut groups, plan.images());
    name_apart(&mut groups);
    Ok(groups)
}

impl Group {
    fn add(&mut self, index: usize, request: &ImageRequest) {
        self.requests.push(index);
        push_new(&mut self.environments, &request.id.environment);
        for image in &request.build.cache_from {
            push_new(&mut self.spec.cache_from, image);
        }
        let known = self.targets.iter_mut().find(|target| target.repository == request.repository);
        match known {
            Some(target) => request.tags.iter().for_each(|tag| push_new(&mut target.tags, tag)),
            None => self
                .targets
                .push(Target { repository: request.repository.clone(), tags: request.tags.clone() }),
        }
    }
}

fn push_new(list: &mut Vec<String>, item: &String) {
    if !list.contains(item) {
        list.push(item.clone());
    }
}

/// Environments of one region share a repository: where different images want the same tag there, as `latest`, the
/// last one of the plan gets it, as if they had been pushed one after the other.
fn settle_tags(groups: &mut [Group], requests: &[ImageRequest]) {
    let mut owner = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        for tag in &request.tags {
            owner.insert((request.repository.clone(), tag.clone()), index);
        }
    }
    for group in groups {
        for target in &mut group.targets {
            target.tags.retain(|tag| {
                owner
                    .get(&(target.repository.clone(), tag.clone()))
                    .is_some_and(|index| group.requests.contains(index))
            });
        }
    }
}

fn name_apart(groups: &mut [Group]) {
    let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for group in groups.iter() {
        if !once.insert(group.label.clone()) {
            twice.insert(group.label.clone());
        }
    }
    for group in groups.iter_mut().filter(|group| twice.contains(&group.label)) {
        group.label = format!("{} ({})", group.label, group.environments.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::ImageId;

    fn request(
        dir: &std::path::Path,
        workload: &str,
        env: &str,
        arg: &str,
        repository: &str,
    ) -> ImageRequest {
        ImageRequest {
            id: ImageId { workload: workload.into(), container: workload.into(), environment: env.into() },
            build: BuildSpec {
                dockerfile: dir.join("Dockerfile"),
                context: dir.to_owned(),
                args: [("A".to_owned(), arg.to_owned())].into(),
                ..BuildSpec::default()
            },
            repository: repository.into(),
            tags: vec!["latest".into(), env.into()],
        }
    }

    #[test]
    fn the_same_content_is_one_image_and_a_tag_has_one_owner() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("Dockerfile"), "FROM scratch").unwrap();
        let mut plan = Plan::new();
        plan.image(request(dir.path(), "api", "test", "1", "west/api"))
            .image(request(dir.path(), "api", "prod", "1", "east/api"))
            .image(request(dir.path(), "api", "beta", "2", "west/api"))
            .image(request(dir.path(), "api", "gamma", "1", "west/api"));
        let options = Options::new(SystemTime::UNIX_EPOCH, dir.path());
        let groups = group(&plan, &options, &Cancel::new()).unwrap();
        let shown: Vec<_> = groups
            .iter()
            .map(|g| {
                let targets: Vec<_> =
                    g.targets.iter().map(|t| format!("{}={}", t.repository, t.tags.join("+"))).collect();
                format!("{}: {}", g.label, targets.join(" "))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "api (test, prod, gamma): west/api=latest+test+gamma east/api=latest+prod",
                "api (beta): west/api=beta"
            ]
        );
    }
}
