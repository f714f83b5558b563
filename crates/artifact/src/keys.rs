//! Where each kind of file lies in the application's artifact bucket.
//!
//! The layout is a contract: deployed stacks, bucket lifecycles and role policies know these prefixes. `hash` is the
//! SHA-256 of the content in lower-case hexadecimal, unless said otherwise.

/// Prefix whose objects the bucket deletes after 30 days.
pub const EXPIRING_PREFIX: &str = "local-assets/";

/// The merged addons template of a workload.
pub fn addons_template(workload: &str, hash: &str) -> String {
    format!("manual/addons/{workload}/{hash}.yml")
}

/// A local file or directory that a workload's addons refer to; `hash` comes from [`crate::assets::addon_asset`].
pub fn addons_asset(workload: &str, hash: &str) -> String {
    format!("manual/addons/{workload}/assets/{hash}")
}

/// The merged addons template of the environments.
pub fn environment_addons_template(hash: &str) -> String {
    addons_template("environments", hash)
}

/// A local file or directory that the environments' addons refer to.
pub fn environment_addons_asset(hash: &str) -> String {
    addons_asset("environments", hash)
}

/// An environment file. ECS wants the extension `.env`; of the path only the file name is used.
pub fn env_file(path: &str, hash: &str) -> String {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    format!("manual/env-files/{name}/{hash}.env")
}

/// The zip of a custom resource's function; `hash` is that of the zip.
pub fn custom_resource(function: &str, hash: &str) -> String {
    format!("manual/scripts/custom-resources/{}/{hash}.zip", function.to_lowercase())
}

/// A template of a stack.
pub fn template(stack: &str, hash: &str) -> String {
    format!("manual/templates/{stack}/{hash}.yml")
}

/// A file of a static site.
pub fn static_asset(hash: &str) -> String {
    format!("{EXPIRING_PREFIX}{hash}")
}

/// The mapping of a static site's files.
pub fn static_mapping(environment: &str, workload: &str, hash: &str) -> String {
    format!("{EXPIRING_PREFIX}environments/{environment}/workloads/{workload}/mapping/{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_a_contract() {
        assert_eq!(addons_template("api", "h"), "manual/addons/api/h.yml");
        assert_eq!(environment_addons_asset("h"), "manual/addons/environments/assets/h");
        assert_eq!(env_file("conf/magic.env", "h"), "manual/env-files/magic.env/h.env");
        assert_eq!(
            custom_resource("EnvControllerFunction", "h"),
            "manual/scripts/custom-resources/envcontrollerfunction/h.zip"
        );
        assert_eq!(template("app-test", "h"), "manual/templates/app-test/h.yml");
        assert_eq!(
            static_mapping("test", "site", "h"),
            "local-assets/environments/test/workloads/site/mapping/h"
        );
    }
}
