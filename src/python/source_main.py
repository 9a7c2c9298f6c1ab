"""Last part of the source helper: begins it."""
main()
