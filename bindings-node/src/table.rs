//! Arrow IPC in, Arrow IPC out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow_ipc::writer::StreamWriter;
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::ArrowError;
use wayfare::ErrorKind;
use wayfare::arrow::Table;

use crate::error::Fault;

const MAGIC: &[u8] = b"ARROW1";
/// The footer's length and the magic word again.
const TRAILER: usize = 10;

/// The table in an Arrow IPC stream or file. Its columns point into the bytes.
pub fn read(name: &str, bytes: Buffer) -> Result<Table, Fault> {
    let read = || match bytes.starts_with(MAGIC) {
        true => read_file(&bytes),
        false => read_stream(bytes.clone()),
    };
    // The decoders check what they read, but a damaged length can still make them panic.
    let table = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(damaged("it is damaged")));
    table.map_err(|error| {
        Fault::new(ErrorKind::InvalidTable, format!("`{name}` is not a readable Arrow IPC stream or file: {error}"))
            .with_help("hand over uncompressed Arrow IPC, as `tableToIPC(table)` of apache-arrow writes it")
    })
}

fn damaged(what: &str) -> ArrowError {
    ArrowError::IpcError(what.to_owned())
}

fn read_stream(mut bytes: Buffer) -> Result<Table, ArrowError> {
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    while !bytes.is_empty() {
        batches.extend(decoder.decode(&mut bytes)?);
    }
    let schema = decoder.schema().ok_or_else(|| damaged("it has no schema"))?;
    decoder.finish()?;
    Ok(Table::new(schema, batches))
}

fn read_file(bytes: &Buffer) -> Result<Table, ArrowError> {
    let truncated = || damaged("it is truncated");
    let trailer = bytes.len().checked_sub(TRAILER).ok_or_else(truncated)?;
    let length = bytes.get(trailer..).and_then(|end| end.try_into().ok()).ok_or_else(truncated)?;
    let footer = trailer.checked_sub(read_footer_length(length)?).and_then(|start| bytes.get(start..trailer)).ok_or_else(truncated)?;
    let footer = root_as_footer(footer).map_err(|error| damaged(&error.to_string()))?;
    let schema = Arc::new(fb_to_schema(footer.schema().ok_or_else(|| damaged("it has no schema"))?));
    let part = |block: &Block| {
        let start = usize::try_from(block.offset()).ok();
        let length = usize::try_from(block.bodyLength()).ok().zip(usize::try_from(block.metaDataLength()).ok());
        let length = length.and_then(|(body, head)| body.checked_add(head));
        let (start, length) = start.zip(length).ok_or_else(truncated)?;
        match start.checked_add(length).is_some_and(|end| end <= trailer) {
            true => Ok(bytes.slice_with_length(start, length)),
            false => Err(truncated()),
        }
    };
    let mut decoder = FileDecoder::new(schema.clone(), footer.version());
    for block in footer.dictionaries().iter().flatten() {
        decoder.read_dictionary(block, &part(block)?)?;
    }
    let mut batches = Vec::new();
    for block in footer.recordBatches().iter().flatten() {
        batches.extend(decoder.read_record_batch(block, &part(block)?)?);
    }
    Ok(Table::new(schema, batches))
}

/// A table as an Arrow IPC stream.
pub fn write(table: &RecordBatch) -> Result<Vec<u8>, Fault> {
    let write = || {
        let mut writer = StreamWriter::try_new(Vec::new(), &table.schema())?;
        writer.write(table)?;
        writer.into_inner()
    };
    write().map_err(|error: ArrowError| Fault::new(ErrorKind::InvalidTable, format!("the result cannot be written as Arrow IPC: {error}")))
}
