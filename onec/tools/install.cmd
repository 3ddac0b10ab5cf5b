@echo off
rem Windows: installs, updates or removes the extension. All work is in install.ps1; see -Help there.
powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
exit /b %ERRORLEVEL%
