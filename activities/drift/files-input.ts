import type { ColumnSettings } from '@watchtower/contracts';
import type { DriftSettings, ReferenceProfile } from '@watchtower/drift';

/** Plain files without a definition. Paths are relative to the working directory: files, folders or globs. */
export interface FilesInput {
  /** The reference's rows, or what was kept of them. */
  readonly reference: { readonly path: string } | { readonly profile: ReferenceProfile };
  /** Left out where only a profile is made. */
  readonly current?: string | undefined;
  readonly target?: string | undefined;
  readonly prediction?: string | undefined;
  readonly columnSettings: Readonly<Record<string, ColumnSettings>>;
  readonly settings: DriftSettings;
  readonly pictures: boolean;
}
