export type Allowance = "allowed" | "denied" | "unknown";

interface Policy {
  allowsFeature(name: string): boolean;
}

/** May this frame use the camera? Says the policy; where the browser tells none, the permission. */
export async function getCameraAllowance(
  page: object,
  permissions: Pick<Permissions, "query"> | undefined,
): Promise<Allowance> {
  const known = page as { permissionsPolicy?: Policy; featurePolicy?: Policy };
  const policy = known.permissionsPolicy ?? known.featurePolicy;
  if (policy) return policy.allowsFeature("camera") ? "allowed" : "denied";
  try {
    const status = await permissions?.query({ name: "camera" });
    return status?.state === "denied" ? "denied" : "unknown";
  } catch {
    return "unknown"; // a browser that knows no such permission
  }
}
