//! The operations of the Chat API, as the server knows them.
//!
//! Client and server share no types, so that a mistake in one of them shows.

use std::fmt;

/// One of the three operations of the Chat API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiOperation {
    /// `POST …/chat/create`
    Create,
    /// `POST …/chat/respond`
    Respond,
    /// `PUT …/chat/close`
    Close,
}

impl ApiOperation {
    /// The last segment of the path.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Respond => "respond",
            Self::Close => "close",
        }
    }
}

impl fmt::Display for ApiOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
