/** The filters that a person keeps. Nobody else sees them, so no event tells of them. */
import { call, newKey } from "../api/http";
import type { SavedFilter } from "../api/types";
import { toServer, type Filter } from "./filter";

export class SavedFilters {
  all = $state.raw<SavedFilter[]>([]);

  async load(): Promise<void> {
    this.all = await call<SavedFilter[]>("GET", "/api/filters/");
  }

  /** One that has the name already is replaced. */
  async save(name: string, filter: Filter): Promise<void> {
    const saved = await call<SavedFilter>("POST", "/api/filters/", { name, filter: toServer(filter) }, newKey());
    const others = this.all.filter((one) => one.id !== saved.id);
    this.all = [...others, saved].sort((a, b) => a.name.localeCompare(b.name));
  }

  async remove(filter: SavedFilter): Promise<void> {
    await call("DELETE", `/api/filters/${filter.id}/`, undefined, newKey());
    this.all = this.all.filter((one) => one.id !== filter.id);
  }
}
