//! The files of a static site.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use serde::Serialize;

use crate::error::Error;
use crate::workload::Deployed;

/// How much a static site has. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteStatus {
    /// Its bucket.
    pub bucket_name: String,
    /// The size of all files, such as `1.2 MB`.
    pub total_size: String,
    /// How many files there are.
    pub total_objects: usize,
}

pub(super) async fn status(deployed: &Deployed) -> Result<SiteStatus, Error> {
    let bucket = deployed.bucket()?;
    let objects = objects(deployed).await?;
    let size = objects.iter().map(|(_, size)| size).sum();
    let total_objects = objects.len();
    Ok(SiteStatus { bucket_name: bucket.to_owned(), total_size: amount(size), total_objects })
}

/// All files of the site with their sizes in bytes, by key.
pub(crate) async fn objects(deployed: &Deployed) -> Result<Vec<(String, u64)>, Error> {
    let config = deployed.config();
    let own = Builder::from(config).force_path_style(config.endpoint_url().is_some());
    let client = Client::from_conf(own.build());
    let mut pages = client.list_objects_v2().bucket(deployed.bucket()?).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("s3:ListBucket", &error))?;
        found.extend(page.contents.unwrap_or_default().into_iter().map(|object| {
            let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
            (object.key.unwrap_or_default(), size)
        }));
    }
    Ok(found)
}

/// A number of bytes in a unit of a thousand, as Copilot writes it.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn amount(bytes: u64) -> String {
    if bytes < 10 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1000.0 && unit < UNITS.len() - 1 {
        value /= 1000.0;
        unit += 1;
    }
    let rounded = (value * 10.0 + 0.5).floor() / 10.0;
    if rounded < 10.0 {
        format!("{rounded:.1} {}", UNITS[unit])
    } else {
        format!("{rounded:.0} {}", UNITS[unit])
    }
}

const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn sizes_have_a_unit() {
        let sizes = [(0, "0 B"), (9, "9 B"), (82, "82 B"), (1000, "1.0 kB"), (82_854_982, "83 MB")];
        for (bytes, told) in sizes {
            assert_eq!(amount(bytes), told);
        }
    }
}
