//! Operating system and architecture.

crate::record! {
    /// Operating system and architecture, one by one.
    pub struct PlatformFields {
        /// `linux`, `windows`, or a version of Windows such as `windows_server_2022_core`.
        osfamily: String,
        /// `x86_64`, `amd64`, `arm` or `arm64`; Windows runs on the first two.
        architecture: String,
    }
}

crate::union! {
    /// Operating system and architecture that the containers are built for and run on.
    pub enum Platform {
        /// As in `linux/arm64`.
        other Text(String),
        /// One by one.
        mapping Fields(PlatformFields),
    }
    expected "a string such as `linux/arm64`, or a mapping with the keys `osfamily` and `architecture`"
}

impl Platform {
    /// The operating system in lower case; empty if there is none.
    pub fn os(&self) -> String {
        match self {
            Self::Text(text) => text.split('/').next().unwrap_or_default().to_lowercase(),
            Self::Fields(fields) => fields.osfamily.as_ref().map(|os| os.to_lowercase()).unwrap_or_default(),
        }
    }

    /// The architecture in lower case; empty if there is none.
    pub fn architecture(&self) -> String {
        match self {
            Self::Text(text) => text.split('/').nth(1).unwrap_or_default().to_lowercase(),
            Self::Fields(fields) => {
                fields.architecture.as_ref().map(|a| a.to_lowercase()).unwrap_or_default()
            }
        }
    }

    /// Whether it is a Windows.
    pub fn is_windows(&self) -> bool {
        matches!(
            self.os().as_str(),
            "windows"
                | "windows_server_2019_core"
                | "windows_server_2019_full"
                | "windows_server_2022_core"
                | "windows_server_2022_full"
        )
    }

    /// Whether it is an ARM architecture.
    pub fn is_arm(&self) -> bool {
        matches!(self.architecture().as_str(), "arm" | "arm64")
    }
}
