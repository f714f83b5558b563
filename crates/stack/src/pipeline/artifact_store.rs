//! The application's buckets and keys, one of each per region, in which the pipeline keeps its artifacts.

use copilot_cfn::{Value, cfn, intrinsic::join};

use crate::Error;
use crate::facts::Facts;

/// A bucket with its key.
pub(super) struct ArtifactStore<'a> {
    region: &'a str,
    /// The partition that the key is in.
    pub(super) partition: &'a str,
    bucket: &'a str,
    pub(super) key_arn: &'a str,
}

impl<'a> ArtifactStore<'a> {
    /// The stores of all regions that have a bucket, in the order of the facts.
    pub(super) fn gather(facts: &'a Facts) -> Result<Vec<Self>, Error> {
        let mut stores = Vec::with_capacity(facts.regions.len());
        for (name, region) in &facts.regions {
            let Some(bucket) = region.artifact_bucket.as_deref() else { continue };
            let key = format!("regions.{name}.artifact_key_arn");
            let Some(key_arn) = region.artifact_key_arn.as_deref() else {
                return Err(Error::MissingFact { key });
            };
            let Some((partition, region)) = place_of(key_arn) else {
                let found = key_arn.to_owned();
                return Err(Error::MalformedFact { key, expected: "the ARN of a KMS key", found });
            };
            stores.push(Self { region, partition, bucket, key_arn });
        }
        if stores.is_empty() {
            return Err(Error::MissingFact { key: "regions".to_owned() });
        }
        Ok(stores)
    }

    /// The store as the pipeline names it.
    pub(super) fn to_value(&self) -> Value {
        cfn!({
            "Region": self.region.to_owned(),
            "ArtifactStore": {
                "Type": "S3",
                "Location": self.bucket.to_owned(),
                "EncryptionKey": { "Id": self.key_arn.to_owned(), "Type": "KMS" },
            },
        })
    }

    /// ARN of the bucket.
    fn bucket_arn(&self) -> Value {
        join("", cfn!([format!("arn:{}:s3:::", self.partition), self.bucket.to_owned()]))
    }

    /// ARN of everything in the bucket.
    fn objects_arn(&self) -> Value {
        join("", cfn!([format!("arn:{}:s3:::", self.partition), self.bucket.to_owned(), "/*"]))
    }
}

/// The buckets and what is in them, as resources of a permission.
pub(super) fn bucket_arns(stores: &[ArtifactStore<'_>]) -> Value {
    stores.iter().flat_map(|store| [store.bucket_arn(), store.objects_arn()]).collect()
}

/// The keys, as resources of a permission.
pub(super) fn key_arns(stores: &[ArtifactStore<'_>]) -> Value {
    stores.iter().map(|store| store.key_arn.to_owned()).collect()
}

/// Partition and region of an ARN.
fn place_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':');
    let (prefix, partition, _service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (prefix == "arn" && !partition.is_empty() && !region.is_empty() && parts.nth(1).is_some())
        .then_some((partition, region))
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn an_arn_says_where_it_is() {
        assert_eq!(place_of("arn:aws-cn:kms:cn-north-1:1:key/a"), Some(("aws-cn", "cn-north-1")));
        for bad in ["", "arn", "arn:aws:kms", "arn:aws:kms::1:key/a", "alias/key:a:b:c:d:e"] {
            assert_eq!(place_of(bad), None, "{bad}");
        }
    }
}
