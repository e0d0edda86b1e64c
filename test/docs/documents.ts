/** Documents that their tools put together without an interface of their own; for the schemas. */
import type { Check } from "../../tools/doctor/render.ts";

/** What doctor found, a check after the other. */
export interface DoctorDocument {
  readonly schema: "procg.doctor/v1";
  readonly checks: readonly Check[];
}
