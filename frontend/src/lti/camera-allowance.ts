import { withLimit } from "../capture/limit";

export type Allowance = "allowed" | "denied" | "unknown";

const QUERY_TIMEOUT_MS = 3_000;

interface Policy {
  allowsFeature(name: string): boolean;
}

/** Whether this frame may use the camera, by permissions policy, else by the permission. */
export async function getCameraAllowance(
  page: object,
  permissions: Pick<Permissions, "query"> | undefined,
): Promise<Allowance> {
  const known = page as { permissionsPolicy?: Policy; featurePolicy?: Policy };
  const policy = known.permissionsPolicy ?? known.featurePolicy;
  if (policy) return policy.allowsFeature("camera") ? "allowed" : "denied";
  try {
    const query = permissions?.query({ name: "camera" });
    const status = query && (await withLimit(query, QUERY_TIMEOUT_MS));
    return status?.state === "denied" ? "denied" : "unknown";
  } catch {
    return "unknown"; // the browser does not support this permission
  }
}
