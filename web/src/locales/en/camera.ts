export const camera = {
  view: 'What the camera sees',
  take: 'Take the photo',
  failed: 'The camera cannot be used here. Choose a file instead.',
}
