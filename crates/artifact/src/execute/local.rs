//! Publishing without a registry: to the engine itself, or to a folder.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::group::Group;
use super::images::{Done, Place, Publisher};
use super::{Event, ImageOutcome, Reuse};
use crate::oci::OciLayout;
use crate::{Engine, Error};

impl Publisher {
    pub(super) async fn to_engine(&self, group: &Group, engine: &dyn Engine) -> Result<Done, Error> {
        let call = self.call(&group.label);
        let name = group.targets.first().map(|t| group.identity_reference(&t.repository)).unwrap_or_default();
        if self.options.dry_run {
            return Ok(planned(group));
        }
        engine.check(&call).await?;
        let known = match self.options.reuse {
            Reuse::Always => engine.image_id(&name, &call).await?,
            Reuse::YoungerThan(_) | Reuse::Never => None,
        };
        let (outcome, why, build) = if known.is_some() {
            let why = "the engine has an image of this content".to_owned();
            let (image, reference) = (group.label.clone(), name.clone());
            self.events.send(Event::Reused { image, reference, why: why.clone() });
            for other in group.targets.iter().flat_map(|t| group.names(t)).filter(|other| *other != name) {
                engine.tag(&name, &other, &call).await?;
            }
            (ImageOutcome::Reused, why, Duration::ZERO)
        } else {
            let made = self.build(group, engine).await?;
            (made.outcome, "the engine has no image of this content".to_owned(), made.took)
        };
        let image_id = match known {
            Some(id) => Some(id),
            None => engine.image_id(&name, &call).await?,
        };
        Ok(Done { places: everywhere(group, None, outcome, &why), image_id, build })
    }

    pub(super) async fn to_layout(
        &self,
        group: &Group,
        engine: &dyn Engine,
        layout: &Arc<OciLayout>,
    ) -> Result<Done, Error> {
        let names: Vec<_> = group.targets.iter().flat_map(|target| group.names(target)).collect();
        let identity = group.targets.first().map(|t| group.identity_reference(&t.repository));
        let identity = identity.unwrap_or_default();
        let found = layout.find(&identity).filter(|_| self.options.reuse == Reuse::Always);
        if let Some(digest) = found {
            let why = "the folder has an image of this content".to_owned();
            let (image, reference) = (group.label.clone(), identity);
            self.events.send(Event::Reused { image, reference, why: why.clone() });
            if !self.options.dry_run {
                layout.retag(&digest, &names)?;
            }
            let places = everywhere(group, Some(&digest), ImageOutcome::Reused, &why);
            return Ok(Done { places, image_id: None, build: Duration::ZERO });
        }
        if self.options.dry_run {
            return Ok(planned(group));
        }
        let made = self.build(group, engine).await?;
        let call = self.call(&group.label);
        let temp_dir = &self.options.temp_dir;
        let archive = tempfile::Builder::new()
            .prefix("copilot-")
            .suffix(".tar")
            .tempfile_in(temp_dir)
            .map_err(|e| Error::write(temp_dir, e))?
            .into_temp_path();
        engine.save(&identity, &archive, &call).await?;
        let (layout, stop) = (Arc::clone(layout), self.stop.clone());
        let digest = tokio::task::spawn_blocking(move || layout.add(&archive, &names, &stop))
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        let why = "the folder has no image of this content";
        Ok(Done {
            places: everywhere(group, Some(&digest), made.outcome, why),
            image_id: None,
            build: made.took,
        })
    }
}

fn planned(group: &Group) -> Done {
    let places = everywhere(group, None, ImageOutcome::Planned, "this run only looks");
    Done { places, image_id: None, build: Duration::ZERO }
}

fn everywhere(
    group: &Group,
    digest: Option<&String>,
    outcome: ImageOutcome,
    why: &str,
) -> BTreeMap<String, Place> {
    let place = || Place { digest: digest.cloned(), outcome, why: why.to_owned(), push: Duration::ZERO };
    group.targets.iter().map(|target| (target.repository.clone(), place())).collect()
}
