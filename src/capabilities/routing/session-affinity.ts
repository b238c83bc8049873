/** A visitor's cookie lasts for a day, where the platform wants to know. */
export const SESSION_SECONDS = 86400;
