//! A chain file that is being read, whichever kind it is.

use std::borrow::Cow;

use crate::block::ReadLimit;
use crate::e2store::ArchivedBlock;
use crate::era1::Era1File;
use crate::ere::EreFile;
use crate::error::SourceError;
use crate::rlp::{GzipExport, PlainExport};
use crate::source::{Layout, SourceFile};

/// One block as it stands in a file.
pub(crate) enum RawBlock<'a> {
    /// The entries of a block in an era1 or ere file.
    Archived(ArchivedBlock<'a>),
    /// The RLP of a block.
    Rlp {
        /// Byte offset of the block in the file; in a gzip file, in what it unpacks to.
        offset: u64,
        /// The RLP of the whole block, header and body.
        block: Cow<'a, [u8]>,
    },
}

/// An open chain file and a place in it.
pub(crate) enum Cursor {
    Era1(Era1File),
    Ere(EreFile),
    Plain(PlainExport),
    Gzip(Box<GzipExport>),
}

impl Cursor {
    /// Opens a file at a block that lies in it.
    pub(crate) fn open(file: &SourceFile, number: u64) -> Result<Option<Self>, SourceError> {
        let path = &file.summary.path;
        Ok(Some(match &file.layout {
            Layout::Era1 => Self::Era1(Era1File::open(path, number)?),
            Layout::Ere => Self::Ere(EreFile::open(path, number)?),
            Layout::Rlp(index) => Self::Plain(PlainExport::open(path, index, number)?),
            Layout::RlpGzip(run) => Self::Gzip(Box::new(GzipExport::open(path, run.before(number))?)),
            Layout::Witness { .. } => return Ok(None),
        }))
    }

    /// The next blocks of the file; none at its end.
    pub(crate) fn take(&mut self, limit: ReadLimit) -> Result<Vec<RawBlock<'_>>, SourceError> {
        match self {
            Self::Era1(file) => file.take(limit),
            Self::Ere(file) => file.take(limit),
            Self::Plain(export) => export.take(limit),
            Self::Gzip(export) => export.take(limit),
        }
    }
}
