export { type ColumnChunk, type FlatColumn, type FlatFile, flatFile, footerBytes } from './flat-columns.ts';
export { PageUnreadable, type SharedMemory } from './page-decoder.ts';
export { deskBytes, type PageDesk, pageDesk } from './page-desk.ts';
export type { ReadAt } from './pages-of-chunk.ts';
export { type CountedTexts, countTexts, readNumbers } from './read-column.ts';
export type { NumberKind, Storage } from './storage.ts';
