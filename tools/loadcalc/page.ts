export const pageText = "<!doctype html><title>procg</title>";
